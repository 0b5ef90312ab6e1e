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
{{- if eq $values.edge.advertise.from "static" }}{{- $_ := set $all "EDGE_ADVERTISE" $values.edge.advertise.address }}{{- end -}}
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
{{- $_ := set $all "AUTH_SUBSCRIBERS" (printf "file:/etc/rollcall/subscribers/%s" (include "rollcall.subscribersKey" .root)) -}}
{{- with $values.domains }}{{- $_ := set $all "AUTH_DOMAINS" (join " " .) }}{{- end -}}
{{- end -}}
{{- $redis := $values.redis -}}
{{- if or (eq .name "auth") (eq .name "location") -}}
{{- $variable := printf "%s_STORE" (upper .name) -}}
{{- if $redis.dev.enabled -}}
{{- $_ := set $all $variable (printf "redis://%s-dev-redis.%s.svc.%s:6379" (include "rollcall.fullname" .root) .root.Release.Namespace $values.clusterDomain) -}}
{{- else if $redis.url -}}
{{- $_ := set $all $variable (and (eq .name "auth") $redis.authUrl | default $redis.url) -}}
{{- else if $redis.none -}}
{{- $_ := set $all $variable "memory:" -}}
{{- end -}}
{{- end -}}
{{- range (include "rollcall.secretFiles" . | fromYamlArray) -}}
{{- $_ := set $all (printf "%s_FILE" .variable) (printf "/etc/rollcall/secrets/%s" .variable) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* The variables that a component reads from files of existing Secrets, as a YAML list of {variable, secret, key}. */}}
{{- define "rollcall.secretFiles" -}}
{{- $values := .root.Values -}}
{{- $files := list -}}
{{- range .component.secretFiles -}}
{{- $files = append $files (dict "variable" .variable "secret" .existingSecret.name "key" .existingSecret.key) -}}
{{- end -}}
{{- with $values.redis.existingSecret -}}
{{- if and .name (eq $.name "location") }}{{- $files = append $files (dict "variable" "LOCATION_STORE" "secret" .name "key" .locationKey) }}{{- end -}}
{{- if and .name (eq $.name "auth") }}{{- $files = append $files (dict "variable" "AUTH_STORE" "secret" .name "key" .authKey) }}{{- end -}}
{{- end -}}
{{- with $values.auth.nonceSecrets.existingSecret -}}
{{- if and .name (eq $.name "auth") }}{{- $files = append $files (dict "variable" "AUTH_NONCE_SECRETS" "secret" .name "key" .key) }}{{- end -}}
{{- end -}}
{{- with $values.edge.flowSecrets.existingSecret -}}
{{- if and .name (eq $.name "edge") }}{{- $files = append $files (dict "variable" "EDGE_FLOW_SECRETS" "secret" .name "key" .key) }}{{- end -}}
{{- end -}}
{{- toYaml $files -}}
{{- end -}}

{{- define "rollcall.subscribersKey" -}}
{{- with .Values.subscribers -}}
{{- if .inline }}subscribers.yaml{{ else if .existingConfigMap.name }}{{ .existingConfigMap.key }}{{ else }}{{ .existingSecret.key }}{{ end -}}
{{- end -}}
{{- end -}}
