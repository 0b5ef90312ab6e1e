{{/*
The variables of a component, as YAML of name: value: {root, name, component}. What the chart knows itself (listeners,
targets, stores) wins over `config`.
*/}}
{{- define "rollcall.environment" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $all := dict -}}
{{- range $name, $value := .component.config }}{{- $_ := set $all $name (include "rollcall.text" $value) }}{{- end -}}
{{- $_ := set $all "HTTP_LISTEN" (printf "%s:%d" $values.listenAddress (int $values.httpPort)) -}}
{{- $_ := set $all "LOG_LEVEL" (default $values.log.level .component.logLevel) -}}
{{- $_ := set $all "LOG_FORMAT" "json" -}}
{{- $_ := set $all "LOG_AOR" $values.log.aor -}}
{{- with $values.tracing -}}
{{- if .endpoint -}}
{{- $_ := set $all "TRACE_OTLP_ENDPOINT" .endpoint -}}
{{- $_ := set $all "TRACE_SAMPLE_RATIO" (include "rollcall.text" .sampleRatio) -}}
{{- end -}}
{{- end -}}
{{- if and (eq .name "edge") $values.hep.target -}}
{{- $_ := set $all "EDGE_HEP_TARGET" $values.hep.target -}}
{{- $_ := set $all "EDGE_HEP_CAPTURE_ID" (int $values.hep.captureId | toString) -}}
{{- end -}}
{{- if eq .name "edge" -}}
{{- range $transport := list "udp" "tcp" "tls" "ws" "wss" -}}
{{- $listens := list -}}
{{- range $values.edge.listeners -}}
{{- if eq .transport $transport }}{{- $listens = append $listens (printf "%s:%d" $values.listenAddress (int (default .port .containerPort))) }}{{- end -}}
{{- end -}}
{{- /* UDP and TCP are on by themselves: the empty text turns them off. */}}
{{- if or $listens (has $transport (list "udp" "tcp")) }}{{- $_ := set $all (printf "EDGE_%s_LISTEN" (upper $transport)) (join "," $listens) }}{{- end -}}
{{- end -}}
{{- range $part := list "accept" "stream" "udp" -}}
{{- $_ := set $all (printf "EDGE_DRAIN_%s_SECONDS" (upper $part)) (int (index $.component.drain (printf "%sSeconds" $part)) | toString) -}}
{{- end -}}
{{- $certificates := list -}}
{{- $keys := list -}}
{{- range include "rollcall.tlsSecrets" $root | fromYamlArray -}}
{{- $certificates = append $certificates (printf "/etc/rollcall/tls/%s/tls.crt" .) -}}
{{- $keys = append $keys (printf "/etc/rollcall/tls/%s/tls.key" .) -}}
{{- end -}}
{{- if $certificates -}}
{{- $_ := set $all "EDGE_TLS_CERT_FILE" (join "," $certificates) -}}
{{- $_ := set $all "EDGE_TLS_KEY_FILE" (join "," $keys) -}}
{{- end -}}
{{- if $values.edge.tls.clientCa.name }}{{- $_ := set $all "EDGE_TLS_CLIENT_CA_FILE" (printf "/etc/rollcall/tls-client-ca/%s" $values.edge.tls.clientCa.key) }}{{- end -}}
{{- $advertise := include "rollcall.advertise" $root -}}
{{- if not (contains "$(" $advertise) }}{{- $_ := set $all "EDGE_ADVERTISE" $advertise }}{{- end -}}
{{- $proxies := list -}}
{{- range $values.edge.listeners -}}
{{- if .proxyProtocol }}{{- $proxies = append $proxies (printf "%s:%d=%s" .transport (int (default .port .containerPort)) (join "," .proxyProtocol.trusted)) }}{{- end -}}
{{- end -}}
{{- with $proxies }}{{- $_ := set $all "EDGE_PROXY_PROTOCOL_FROM" (join " " .) }}{{- end -}}
{{- $_ := set $all "EDGE_UDP_RECEIVE_BUFFER" (int $values.edge.udpReceiveBufferBytes | toString) -}}
{{- range $target := list "registrar" "redirect" -}}
{{- $_ := set $all (printf "EDGE_%s" (upper $target)) (include "rollcall.target" (dict "root" $root "name" $target)) -}}
{{- end -}}
{{- else -}}
{{- $_ := set $all (printf "%s_GRPC_LISTEN" (upper .name)) (printf "%s:%s" $values.listenAddress (include "rollcall.grpcPort" .)) -}}
{{- end -}}
{{- if or (eq .name "registrar") (eq .name "redirect") -}}
{{- $service := upper .name -}}
{{- range $target := list "auth" "location" -}}
{{- $_ := set $all (printf "%s_%s" $service (upper $target)) (include "rollcall.target" (dict "root" $root "name" $target)) -}}
{{- end -}}
{{- end -}}
{{- if eq .name "auth" -}}
{{- $_ := set $all "AUTH_SUBSCRIBERS" ($values.subscribers.url | default (printf "file:/etc/rollcall/subscribers/%s" (include "rollcall.subscribersKey" .root))) -}}
{{- with $values.domains }}{{- $_ := set $all "AUTH_DOMAINS" (join " " .) }}{{- end -}}
{{- end -}}
{{- $redis := $values.redis -}}
{{- if or (eq .name "auth") (eq .name "location") -}}
{{- $variable := printf "%s_STORE" (upper .name) -}}
{{- if $redis.dev.enabled -}}
{{- $_ := set $all $variable (printf "redis://%s-dev-redis.%s.svc.%s:6379" (include "rollcall.fullname" .root) .root.Release.Namespace $values.clusterDomain) -}}
{{- else if $redis.endpoints -}}
{{- $_ := set $all $variable (include "rollcall.redisAddress" $redis) -}}
{{- else if $redis.url -}}
{{- $_ := set $all $variable (and (eq .name "auth") $redis.authUrl | default $redis.url) -}}
{{- else if $redis.none -}}
{{- $_ := set $all $variable "memory:" -}}
{{- end -}}
{{- with $redis.tls.caSecret }}{{- if .name }}{{- $_ := set $all (printf "%s_CA_FILE" $variable) (printf "/etc/rollcall/redis-ca/%s" .key) }}{{- end }}{{- end -}}
{{- with $redis.tls.clientSecret -}}
{{- if .name -}}
{{- $_ := set $all (printf "%s_CERT_FILE" $variable) (printf "/etc/rollcall/redis-client/%s" .certKey) -}}
{{- $_ := set $all (printf "%s_KEY_FILE" $variable) (printf "/etc/rollcall/redis-client/%s" .keyKey) -}}
{{- end -}}
{{- end -}}
{{- with $redis.tls.serverName }}{{- $_ := set $all (printf "%s_SERVER_NAME" $variable) . }}{{- end -}}
{{- with int $redis.connectTimeoutMs }}{{- $_ := set $all (printf "%s_CONNECT_TIMEOUT_MS" $variable) (toString .) }}{{- end -}}
{{- with int $redis.commandTimeoutMs }}{{- $_ := set $all (printf "%s_COMMAND_TIMEOUT_MS" $variable) (toString .) }}{{- end -}}
{{- with $redis.keyPrefix }}{{- $_ := set $all (printf "%s_KEY_PREFIX" $variable) . }}{{- end -}}
{{- end -}}
{{- if $values.grpcTls.enabled -}}
{{- range $name, $value := include "rollcall.grpcTlsEnvironment" . | fromYaml }}{{- $_ := set $all $name $value }}{{- end -}}
{{- end -}}
{{- range (include "rollcall.secretFiles" . | fromYamlArray) -}}
{{- $_ := set $all (printf "%s_FILE" .variable) (printf "/etc/rollcall/secrets/%s" .variable) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/*
EDGE_ADVERTISE: what all listeners are reached at, then what some of them are. An address of the pod or the node stands as
$(POD_ADDRESS) (its first one) or $(POD_ADDRESSES) (one for each family), which kubelet puts in. Where a Service or the node has
another port than the pod, it is said.
*/}}
{{- define "rollcall.advertise" -}}
{{- $edge := .Values.edge -}}
{{- $mode := $edge.exposure.mode -}}
{{- $all := $edge.advertise -}}
{{- $words := list (eq $all.from "static" | ternary $all.address (include "rollcall.podAddresses" $all.from)) -}}
{{- $hasPort := regexMatch "^([^:]+|\\[.*\\]):[0-9]+$" (default "" $all.address) -}}
{{- range $edge.listeners -}}
{{- $own := default dict .advertised -}}
{{- $from := default (and (not $own.host) $all.from | default "static") $own.from -}}
{{- $outside := ne (int (default .port .containerPort)) (int .port) -}}
{{- $port := int (default 0 $own.port) -}}
{{- /* A pod's own address leads to its own port, all others to that in front of it. */}}
{{- if and (not $port) (ne $from "podIP") $outside (or .advertised (not $hasPort)) }}{{- $port = int .port }}{{- end -}}
{{- if or .advertised $port -}}
{{- $address := $own.host -}}
{{- if not $address -}}
{{- $address = eq $from "static" | ternary $all.address (include "rollcall.podAddresses" $from) -}}
{{- if and $port (ne $from "static") }}{{- $address = eq $from "podIP" | ternary "[$(POD_ADDRESS)]" "[$(HOST_ADDRESS)]" }}{{- end -}}
{{- end -}}
{{- $words = append $words (printf "%s:%d=%s%s" .transport (int (default .port .containerPort)) $address ($port | eq 0 | ternary "" (printf ":%d" $port))) -}}
{{- end -}}
{{- end -}}
{{- join " " $words -}}
{{- end -}}

{{- define "rollcall.podAddresses" -}}
{{- if eq . "podIP" }}$(POD_ADDRESSES){{ else if eq . "hostIP" }}$(HOST_ADDRESSES){{ end -}}
{{- end -}}

{{/* The variables that a component reads from files of existing Secrets, as a YAML list of {variable, secret, key}. */}}
{{- define "rollcall.secretFiles" -}}
{{- $values := .root.Values -}}
{{- $files := list -}}
{{- range .component.secretFiles -}}
{{- $files = append $files (dict "variable" .variable "secret" .existingSecret.name "key" .existingSecret.key) -}}
{{- end -}}
{{- $redis := $values.redis.existingSecret -}}
{{- if and $redis.name (has .name (list "auth" "location")) -}}
{{- $variable := printf "%s_STORE" (upper .name) -}}
{{- if $values.redis.endpoints -}}
{{- $files = append $files (dict "variable" (printf "%s_PASSWORD" $variable) "secret" $redis.name "key" $redis.passwordKey) -}}
{{- if $redis.sentinelPasswordKey }}{{- $files = append $files (dict "variable" (printf "%s_SENTINEL_PASSWORD" $variable) "secret" $redis.name "key" $redis.sentinelPasswordKey) }}{{- end -}}
{{- else -}}
{{- $files = append $files (dict "variable" $variable "secret" $redis.name "key" (eq .name "auth" | ternary $redis.authKey $redis.locationKey)) -}}
{{- end -}}
{{- end -}}
{{- with $values.hep -}}
{{- if and .target .existingSecret.name (eq $.name "edge") }}{{- $files = append $files (dict "variable" "EDGE_HEP_PASSWORD" "secret" .existingSecret.name "key" .existingSecret.key) }}{{- end -}}
{{- end -}}
{{- with $values.auth.nonceSecrets.existingSecret -}}
{{- if and .name (eq $.name "auth") }}{{- $files = append $files (dict "variable" "AUTH_NONCE_SECRETS" "secret" .name "key" .key) }}{{- end -}}
{{- end -}}
{{- with $values.subscribers.passwordSecret -}}
{{- if and .name (eq $.name "auth") }}{{- $files = append $files (dict "variable" "AUTH_SUBSCRIBERS_PASSWORD" "secret" .name "key" .key) }}{{- end -}}
{{- end -}}
{{- with $values.edge.flowSecrets.existingSecret -}}
{{- if and .name (eq $.name "edge") }}{{- $files = append $files (dict "variable" "EDGE_FLOW_SECRETS" "secret" .name "key" .key) }}{{- end -}}
{{- end -}}
{{- toYaml $files -}}
{{- end -}}

{{/* The address of Redis's endpoints, without passwords, as LOCATION_STORE and AUTH_STORE take it: the values of redis. */}}
{{- define "rollcall.redisAddress" -}}
{{- $user := .username | empty | ternary "" (printf "%s@" .username) -}}
{{- $database := int .database | eq 0 | ternary "" (printf "/%d" (int .database)) -}}
{{- if eq .mode "standalone" -}}
redis{{ if .tls.enabled }}s{{ end }}://{{ $user }}{{ first .endpoints }}{{ $database }}
{{- else -}}
redis+{{ .mode }}://{{ $user }}{{ join "," .endpoints }}{{ with .masterName }}/{{ . }}{{ end }}{{ $database }}{{ if .tls.enabled }}?tls=true{{ end }}
{{- end -}}
{{- end -}}

{{- define "rollcall.subscribersKey" -}}
{{- with .Values.subscribers -}}
{{- if .inline }}subscribers.yaml{{ else if .existingConfigMap.name }}{{ .existingConfigMap.key }}{{ else }}{{ .existingSecret.key }}{{ end -}}
{{- end -}}
{{- end -}}
