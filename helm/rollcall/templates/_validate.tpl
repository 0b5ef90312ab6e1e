{{/* What the schema cannot see: settings that contradict each other. All of them are said at once. */}}
{{- define "rollcall.validate" -}}
{{- $problems := list -}}
{{- $values := .Values -}}
{{- $root := . -}}
{{- $redis := $values.redis -}}
{{- $memory := and (not $redis.dev.enabled) (not $redis.url) (not $redis.existingSecret.name) -}}
{{- if and $memory (not $redis.none) -}}
{{- $problems = append $problems "redis: say where bindings are kept: redis.url, redis.existingSecret.name, redis.dev.enabled=true (not for production), or redis.none=true (in one pod's memory, lost with it)" -}}
{{- end -}}
{{- if and $redis.none (not $memory) -}}
{{- $problems = append $problems "redis.none: cannot be true beside redis.url, redis.existingSecret or redis.dev" -}}
{{- end -}}
{{- if and $redis.url $redis.existingSecret.name -}}
{{- $problems = append $problems "redis.url: cannot be set beside redis.existingSecret.name, whose file holds the address" -}}
{{- end -}}
{{- if and $redis.dev.enabled (or $redis.url $redis.existingSecret.name) -}}
{{- $problems = append $problems "redis.dev.enabled: cannot be true beside redis.url or redis.existingSecret" -}}
{{- end -}}
{{- if and $redis.url (not (regexMatch "^rediss?://" $redis.url)) (not $redis.authUrl) -}}
{{- $problems = append $problems "redis.authUrl: needed where redis.url names sentinels or a cluster: auth's store is a redis:// or rediss:// address" -}}
{{- end -}}
{{- $subscribers := $values.subscribers -}}
{{- $given := 0 -}}
{{- if $subscribers.existingSecret.name }}{{- $given = add $given 1 }}{{- end -}}
{{- if $subscribers.inline }}{{- $given = add $given 1 }}{{- end -}}
{{- if ne (int $given) 1 -}}
{{- $problems = append $problems "subscribers: set exactly one of subscribers.existingSecret.name and subscribers.inline" -}}
{{- end -}}
{{- range $name := list "registrar" "auth" "location" "redirect" "edge" -}}
{{- $component := include "rollcall.component" (dict "root" $root "name" $name) | fromYaml -}}
{{- $scaling := $component.autoscaling -}}
{{- $most := $scaling.enabled | ternary (int $scaling.maxReplicas) (int $component.replicas) -}}
{{- if and $scaling.enabled (gt (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- $problems = append $problems (printf "%s.autoscaling.minReplicas: %d is more than maxReplicas %d" $name (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- end -}}
{{- if and $scaling.enabled (not (dig "requests" "cpu" "" (default dict $component.resources))) -}}
{{- $problems = append $problems (printf "%s.resources.requests.cpu: needed by autoscaling, which compares use with it" $name) -}}
{{- end -}}
{{- $drain := $component.drain -}}
{{- $edgeDrain := max (int $drain.udpSeconds) (add (int $drain.acceptSeconds) (int $drain.streamSeconds)) -}}
{{- $least := add (int $drain.preStopSeconds) $edgeDrain 25 -}}
{{- if lt (int $component.terminationGracePeriodSeconds) (int $least) -}}
{{- $problems = append $problems (printf "%s.terminationGracePeriodSeconds: %d is less than its drain and the 25 s that a program may take to stop; at least %d" $name (int $component.terminationGracePeriodSeconds) (int $least)) -}}
{{- end -}}
{{- if and (eq $name "location") $memory (gt $most 1) -}}
{{- $problems = append $problems "location.replicas: more than one needs Redis; a binding in one pod's memory is not in the other's" -}}
{{- end -}}
{{- if and (eq $name "auth") (gt $most 1) $memory -}}
{{- $problems = append $problems "auth.replicas: more than one needs Redis for lock-outs" -}}
{{- end -}}
{{- if and (eq $name "auth") (gt $most 1) (not $values.auth.nonceSecrets.existingSecret.name) -}}
{{- $problems = append $problems "auth.nonceSecrets.existingSecret.name: needed by more than one auth: each would refuse the other's nonces" -}}
{{- end -}}
{{- end -}}
{{- $edge := $values.edge -}}
{{- $mode := $edge.exposure.mode -}}
{{- $names := list -}}
{{- $sockets := list (printf "tcp/%d" (int $values.httpPort)) -}}
{{- $ports := list -}}
{{- range $edge.listeners -}}
{{- $protocol := .transport | eq "udp" | ternary "udp" "tcp" -}}
{{- if has .name $names }}{{- $problems = append $problems (printf "edge.listeners: the name %q is there twice" .name) }}{{- end -}}
{{- $names = append $names .name -}}
{{- $socket := printf "%s/%d" $protocol (int (default .port .containerPort)) -}}
{{- if has $socket $sockets }}{{- $problems = append $problems (printf "edge.listeners: %s: %s is in use already (another listener, or httpPort)" .name $socket) }}{{- end -}}
{{- $sockets = append $sockets $socket -}}
{{- $port := printf "%s/%d" $protocol (int .port) -}}
{{- if has $port $ports }}{{- $problems = append $problems (printf "edge.listeners: %s: port %s is there twice" .name $port) }}{{- end -}}
{{- $ports = append $ports $port -}}
{{- if and (eq $mode "hostNetwork") .containerPort (ne (int .containerPort) (int .port)) -}}
{{- $problems = append $problems (printf "edge.listeners: %s: containerPort must be left out or be the port in mode hostNetwork" .name) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $mode "hostNetwork") $values.networkPolicy.enabled (not $values.networkPolicy.nodeCidrs) -}}
{{- $problems = append $problems "networkPolicy.nodeCidrs: needed in mode hostNetwork: edges then come from the nodes' addresses, which no pod selector matches" -}}
{{- end -}}
{{- if and (eq $mode "hostNetwork") (dig "autoscaling" "enabled" false $edge) -}}
{{- $problems = append $problems "edge.autoscaling.enabled: a DaemonSet (mode hostNetwork) is not scaled" -}}
{{- end -}}
{{- if and (eq $mode "gateway") (not $edge.exposure.gateway.parentRefs) -}}
{{- $problems = append $problems "edge.exposure.gateway.parentRefs: needed in mode gateway" -}}
{{- end -}}
{{- $service := $edge.exposure.service -}}
{{- if and (eq $service.type "ClusterIP") (eq $mode "service") $service.loadBalancerClass -}}
{{- $problems = append $problems "edge.exposure.service.loadBalancerClass: only with type LoadBalancer" -}}
{{- end -}}
{{- if and (gt (int $service.udp.healthPort) 0) $service.mixedProtocol -}}
{{- $problems = append $problems "edge.exposure.service.udp.healthPort: of no use with mixedProtocol, whose Service has TCP ports of its own" -}}
{{- end -}}
{{- if and $values.test.aor (not $values.test.existingSecret.name) -}}
{{- $problems = append $problems "test.existingSecret.name: needed by test.aor: the Secret that holds its password" -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "\n\nThe values cannot be used:\n - %s\n" (join "\n - " $problems)) -}}
{{- end -}}
{{- end -}}
