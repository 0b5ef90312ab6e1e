{{/* What the schema cannot see: settings that contradict each other. All of them are said at once. */}}
{{- define "rollcall.validate" -}}
{{- $problems := list -}}
{{- $values := .Values -}}
{{- $root := . -}}
{{- $redis := $values.redis -}}
{{- $memory := and (not $redis.dev.enabled) (not $redis.url) (not $redis.existingSecret.name) (not $redis.endpoints) -}}
{{- if and $memory (not $redis.none) -}}
{{- $problems = append $problems "redis: say where bindings are kept: redis.endpoints, redis.url, redis.existingSecret.name (of a Secret with addresses), redis.dev.enabled=true (not for production), or redis.none=true (in one pod's memory, lost with it)" -}}
{{- end -}}
{{- if and $redis.none (not $memory) -}}
{{- $problems = append $problems "redis.none: cannot be true beside redis.endpoints, redis.url, redis.existingSecret or redis.dev" -}}
{{- end -}}
{{- $problems = concat $problems (include "rollcall.kubernetesProblems" . | fromYamlArray) -}}
{{- $problems = concat $problems (include "rollcall.redisProblems" $values | fromYamlArray) -}}
{{- $problems = concat $problems (include "rollcall.grpcTlsProblems" . | fromYamlArray) -}}
{{- if and $redis.url $redis.existingSecret.name -}}
{{- $problems = append $problems "redis.url: cannot be set beside redis.existingSecret.name, whose file holds the address" -}}
{{- end -}}
{{- if and $redis.dev.enabled (or $redis.endpoints $redis.url $redis.existingSecret.name) -}}
{{- $problems = append $problems "redis.dev.enabled: cannot be true beside redis.endpoints, redis.url or redis.existingSecret" -}}
{{- end -}}
{{- if and $redis.authUrl (not $redis.url) -}}
{{- $problems = append $problems "redis.authUrl: only with redis.url" -}}
{{- end -}}
{{- $subscribers := $values.subscribers -}}
{{- $given := 0 -}}
{{- if $subscribers.existingSecret.name }}{{- $given = add $given 1 }}{{- end -}}
{{- if $subscribers.existingConfigMap.name }}{{- $given = add $given 1 }}{{- end -}}
{{- if $subscribers.inline }}{{- $given = add $given 1 }}{{- end -}}
{{- if $subscribers.url }}{{- $given = add $given 1 }}{{- end -}}
{{- if ne (int $given) 1 -}}
{{- $problems = append $problems "subscribers: set exactly one of subscribers.existingSecret.name, subscribers.existingConfigMap.name, subscribers.url and subscribers.inline" -}}
{{- end -}}
{{- if not $subscribers.url -}}
{{- range $key := list "passwordSecret" "caSecret" -}}
{{- if (index $subscribers $key).name -}}
{{- $problems = append $problems (printf "subscribers.%s.name: only with subscribers.url" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name := list "registrar" "auth" "location" "redirect" "edge" -}}
{{- $component := include "rollcall.component" (dict "root" $root "name" $name) | fromYaml -}}
{{- $scaling := $component.autoscaling -}}
{{- $scales := or $scaling.enabled $component.keda.enabled -}}
{{- if and $scaling.enabled $component.keda.enabled -}}
{{- $problems = append $problems (printf "%s.keda.enabled: cannot be true beside autoscaling.enabled: two of them would pull at the same Deployment" $name) -}}
{{- end -}}
{{- $most := $scales | ternary (int $scaling.maxReplicas) (int $component.replicas) -}}
{{- if and $scales (gt (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- $problems = append $problems (printf "%s.autoscaling.minReplicas: %d is more than maxReplicas %d" $name (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- end -}}
{{- if and $scales (not (dig "requests" "cpu" "" (default dict $component.resources))) -}}
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
{{- if and (eq $name "edge") (or (gt $most 1) (eq $values.edge.exposure.mode "hostNetwork")) (not $values.edge.flowSecrets.existingSecret.name) -}}
{{- $problems = append $problems "edge.flowSecrets.existingSecret.name: needed by more than one edge: none could send a call on to the one that holds the phone's connection" -}}
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
{{- $hasWs := false -}}
{{- range $edge.listeners -}}
{{- $listener := . -}}
{{- $protocol := .transport | eq "udp" | ternary "udp" "tcp" -}}
{{- if has .name $names }}{{- $problems = append $problems (printf "edge.listeners: the name %q is there twice" .name) }}{{- end -}}
{{- $names = append $names .name -}}
{{- $socket := printf "%s/%d" $protocol (int (default .port .containerPort)) -}}
{{- if has $socket $sockets }}{{- $problems = append $problems (printf "edge.listeners: %s: %s is in use already (another listener, or httpPort)" .name $socket) }}{{- end -}}
{{- $sockets = append $sockets $socket -}}
{{- $port := printf "%s/%d" $protocol (int .port) -}}
{{- if has $port $ports }}{{- $problems = append $problems (printf "edge.listeners: %s: port %s is there twice" .name $port) }}{{- end -}}
{{- $ports = append $ports $port -}}
{{- if and (lt (int .port) 1024) (eq $mode "hostNetwork") -}}
{{- $problems = append $problems (printf "edge.listeners: %s: port %d is below 1024, where pods have no privilege to listen, and in mode hostNetwork nothing leads from it to another one: use a higher port, or mode hostPort" .name (int .port)) -}}
{{- else if and (lt (int .port) 1024) (not .containerPort) -}}
{{- $problems = append $problems (printf "edge.listeners: %s: port %d needs a containerPort of 1024 or more, to which the Service leads: pods have no privilege to listen below" .name (int .port)) -}}
{{- end -}}
{{- if and (has .transport (list "tls" "wss")) (not (dig "tls" "existingSecret" "" .)) (not $edge.tls.existingSecret) (not $edge.tls.certManager.enabled) -}}
{{- $problems = append $problems (printf "edge.listeners: %s: transport %s needs a certificate: edge.tls.existingSecret, edge.tls.certManager.enabled, or tls.existingSecret of the listener" .name .transport) -}}
{{- end -}}
{{- if and (dig "tls" "existingSecret" "" .) (not (has .transport (list "tls" "wss"))) -}}
{{- $problems = append $problems (printf "edge.listeners: %s: tls.existingSecret is of no use with transport %s" .name .transport) -}}
{{- end -}}
{{- if and .proxyProtocol (eq .transport "udp") -}}
{{- $problems = append $problems (printf "edge.listeners: %s: proxyProtocol: there is none over UDP: use a load balancer that keeps the source" .name) -}}
{{- end -}}
{{- with .advertised -}}
{{- if and .host .from }}{{- $problems = append $problems (printf "edge.listeners: %s: advertised: host or from, not both" $listener.name) }}{{- end -}}
{{- if and (eq (default "" .from) "hostIP") (not (has $mode (list "hostNetwork" "hostPort"))) -}}
{{- $problems = append $problems (printf "edge.listeners: %s: advertised.from: hostIP is where edges are only in the modes hostNetwork and hostPort, not in %s" $listener.name $mode) -}}
{{- end -}}
{{- if not (or .host .from .port) }}{{- $problems = append $problems (printf "edge.listeners: %s: advertised: says nothing: host, from or port" $listener.name) }}{{- end -}}
{{- end -}}
{{- if and (eq .transport "ws") $edge.exposure.ingress.enabled }}{{- $hasWs = true }}{{- end -}}
{{- if and (eq $mode "hostNetwork") .containerPort (ne (int .containerPort) (int .port)) -}}
{{- $problems = append $problems (printf "edge.listeners: %s: containerPort must be left out or be the port in mode hostNetwork" .name) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $mode "hostNetwork") $values.networkPolicy.enabled (not $values.networkPolicy.nodeCidrs) -}}
{{- $problems = append $problems "networkPolicy.nodeCidrs: needed in mode hostNetwork: edges then come from the nodes' addresses, which no pod selector matches" -}}
{{- end -}}
{{- if eq $mode "hostNetwork" -}}
{{- range $key := list "autoscaling" "keda" -}}
{{- if dig $key "enabled" false $edge -}}
{{- $problems = append $problems (printf "edge.%s.enabled: a DaemonSet (mode hostNetwork) is not scaled" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $ingress := $edge.exposure.ingress -}}
{{- if and $ingress.enabled (not $hasWs) -}}
{{- $problems = append $problems "edge.exposure.ingress.enabled: needs a listener of transport ws; an ingress controller carries nothing else of SIP" -}}
{{- end -}}
{{- if and $ingress.enabled (not $ingress.host) -}}
{{- $problems = append $problems "edge.exposure.ingress.host: needed by ingress.enabled" -}}
{{- end -}}
{{- $manager := $edge.tls.certManager -}}
{{- if and $manager.enabled $edge.tls.existingSecret -}}
{{- $problems = append $problems "edge.tls.certManager.enabled: cannot be true beside edge.tls.existingSecret" -}}
{{- end -}}
{{- if and $manager.enabled (not $manager.issuerRef.name) -}}
{{- $problems = append $problems "edge.tls.certManager.issuerRef.name: needed by certManager.enabled" -}}
{{- end -}}
{{- if and $manager.enabled (not $manager.dnsNames) (not $values.domains) -}}
{{- $problems = append $problems "edge.tls.certManager.dnsNames: needed where domains is empty: the names in the certificate" -}}
{{- end -}}
{{- if and (eq $edge.advertise.from "static") (not $edge.advertise.address) -}}
{{- $problems = append $problems "edge.advertise.address: needed by advertise.from=static" -}}
{{- end -}}
{{- if and (ne $edge.advertise.from "static") $edge.advertise.address -}}
{{- $problems = append $problems "edge.advertise.address: only with advertise.from=static" -}}
{{- end -}}
{{- if and (eq $edge.advertise.from "hostIP") (not (has $mode (list "hostNetwork" "hostPort"))) -}}
{{- $problems = append $problems (printf "edge.advertise.from: hostIP is where edges are only in the modes hostNetwork and hostPort, not in %s" $mode) -}}
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
{{- if and (gt (int $service.healthCheckNodePort) 0) (or (ne $service.type "LoadBalancer") (ne $service.externalTrafficPolicy "Local")) -}}
{{- $problems = append $problems "edge.exposure.service.healthCheckNodePort: only with type LoadBalancer and externalTrafficPolicy Local" -}}
{{- end -}}
{{- if and (gt (int $service.healthCheckNodePort) 0) (not $service.mixedProtocol) -}}
{{- $problems = append $problems "edge.exposure.service.healthCheckNodePort: only with mixedProtocol: two Services cannot have the same one" -}}
{{- end -}}
{{- if and (eq $mode "service") (not $service.mixedProtocol) -}}
{{- $udpPorts := list -}}
{{- range $edge.listeners }}{{- if and (eq .transport "udp") .nodePort }}{{- $udpPorts = append $udpPorts (int .nodePort) }}{{- end }}{{- end -}}
{{- range $edge.listeners -}}
{{- if and (ne .transport "udp") .nodePort (has (int (default 0 .nodePort)) $udpPorts) -}}
{{- $problems = append $problems (printf "edge.listeners: %s: nodePort %d is that of a UDP listener, which is in another Service: set edge.exposure.service.mixedProtocol=true, or another nodePort" .name (int .nodePort)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $values.monitoring.podMonitor.enabled $values.monitoring.serviceMonitor.enabled -}}
{{- $problems = append $problems "monitoring.serviceMonitor.enabled: cannot be true beside monitoring.podMonitor.enabled: everything would be scraped twice" -}}
{{- end -}}
{{- range $name := list "aor" "existingSecret.name" -}}
{{- $value := eq $name "aor" | ternary $values.canary.aor $values.canary.existingSecret.name -}}
{{- if and $values.canary.enabled (not $value) -}}
{{- $problems = append $problems (printf "canary.%s: needed by canary.enabled" $name) -}}
{{- end -}}
{{- end -}}
{{- if and $values.test.aor (not $values.test.existingSecret.name) -}}
{{- $problems = append $problems "test.existingSecret.name: needed by test.aor: the Secret that holds its password" -}}
{{- end -}}
{{- if and $values.hep.existingSecret.name (not $values.hep.target) -}}
{{- $problems = append $problems "hep.target: needed by hep.existingSecret" -}}
{{- end -}}
{{- $problems = concat $problems (include "rollcall.upgradeProblems" . | fromYamlArray) -}}
{{- if $problems -}}
{{- fail (printf "\n\nThe values cannot be used:\n - %s\n" (join "\n - " $problems)) -}}
{{- end -}}
{{- end -}}
