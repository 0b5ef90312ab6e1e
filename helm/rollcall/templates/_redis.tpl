{{/* What contradicts itself in the values of redis, as a YAML list of texts. */}}
{{- define "rollcall.redisProblems" -}}
{{- $problems := list -}}
{{- $redis := .redis -}}
{{- $mode := $redis.mode -}}
{{- $secret := $redis.existingSecret -}}
{{- if $redis.endpoints -}}
{{- if $redis.url -}}
{{- $problems = append $problems "redis.endpoints: cannot be set beside redis.url: one of them says where Redis is" -}}
{{- end -}}
{{- if and (eq $mode "standalone") (gt (len $redis.endpoints) 1) -}}
{{- $problems = append $problems (printf "redis.endpoints: one with redis.mode=standalone, not %d; did you mean sentinel or cluster?" (len $redis.endpoints)) -}}
{{- end -}}
{{- if and (eq $mode "sentinel") (not $redis.masterName) -}}
{{- $problems = append $problems "redis.masterName: needed by redis.mode=sentinel: the name in the sentinels' own configuration (sentinel monitor NAME …)" -}}
{{- end -}}
{{- if and (eq $mode "cluster") (gt (int $redis.database) 0) -}}
{{- $problems = append $problems "redis.database: must be 0 with redis.mode=cluster: a cluster has no other" -}}
{{- end -}}
{{- if and $redis.username (not $secret.name) -}}
{{- $problems = append $problems "redis.username: needs redis.existingSecret.name: the Secret that holds its password" -}}
{{- end -}}
{{- if and $secret.sentinelPasswordKey (ne $mode "sentinel") -}}
{{- $problems = append $problems "redis.existingSecret.sentinelPasswordKey: only with redis.mode=sentinel" -}}
{{- end -}}
{{- else -}}
{{- if ne $mode "standalone" -}}
{{- $problems = append $problems (printf "redis.endpoints: needed by redis.mode=%s; with redis.url or addresses in a Secret the address says the mode" $mode) -}}
{{- end -}}
{{- range $key := list "username" "database" -}}
{{- if index $redis $key -}}
{{- $problems = append $problems (printf "redis.%s: only with redis.endpoints; with redis.url or addresses in a Secret it is part of the address" $key) -}}
{{- end -}}
{{- end -}}
{{- if $redis.tls.enabled -}}
{{- $problems = append $problems "redis.tls.enabled: only with redis.endpoints; with redis.url or addresses in a Secret write rediss:// or ?tls=true" -}}
{{- end -}}
{{- if $secret.sentinelPasswordKey -}}
{{- $problems = append $problems "redis.existingSecret.sentinelPasswordKey: only with redis.endpoints; addresses in a Secret have ?sentinel-password=" -}}
{{- end -}}
{{- end -}}
{{- if and $redis.masterName (ne $mode "sentinel") -}}
{{- $problems = append $problems "redis.masterName: only with redis.mode=sentinel" -}}
{{- end -}}
{{- /* What is in a Secret cannot be seen: the programs say it when they start. */}}
{{- $plain := or $redis.none $redis.dev.enabled (and $redis.endpoints (not $redis.tls.enabled)) (and $redis.url (not (regexMatch "^rediss:|[?&]tls=true" (default "" $redis.url)))) -}}
{{- if $plain -}}
{{- $set := dict "caSecret.name" $redis.tls.caSecret.name "clientSecret.name" $redis.tls.clientSecret.name "serverName" $redis.tls.serverName -}}
{{- range $key, $value := $set -}}
{{- if $value -}}
{{- $problems = append $problems (printf "redis.tls.%s: of no use without TLS: set redis.tls.enabled=true beside redis.endpoints, or write rediss:// or ?tls=true into redis.url" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $redis.none $redis.keyPrefix -}}
{{- $problems = append $problems "redis.keyPrefix: of no use with redis.none" -}}
{{- end -}}
{{- $cluster := or (and $redis.endpoints (eq $mode "cluster")) (hasPrefix "redis+cluster:" (default "" $redis.url)) -}}
{{- if and $cluster (gt (dig "config" "LOCATION_MIN_REPLICAS_ACK" 0 .location | int) 0) -}}
{{- $problems = append $problems "location.config.LOCATION_MIN_REPLICAS_ACK: must be 0 with a cluster; set min-replicas-to-write in its nodes instead" -}}
{{- end -}}
{{- toYaml $problems -}}
{{- end -}}

{{/* The ports of Redis that auth and location may reach, as a YAML list: the values. Those of addresses in a Secret cannot be seen. */}}
{{- define "rollcall.redisPorts" -}}
{{- $ports := list -}}
{{- range list .redis.url .redis.authUrl -}}
{{- range splitList "," (regexReplaceAll "^[^/]*//|[/?].*$" (default "" .) "") -}}
{{- with regexFind ":[0-9]+$" . }}{{- $ports = append $ports (trimPrefix ":" . | int) }}{{- end -}}
{{- end -}}
{{- end -}}
{{- range .redis.endpoints -}}
{{- $ports = append $ports (regexMatch ":[0-9]+$" . | ternary (regexFind "[0-9]+$" . | int) (eq $.redis.mode "sentinel" | ternary 26379 6379)) -}}
{{- end -}}
{{- /* Of sentinels and clusters not all that is reached is named. */}}
{{- if or (not .redis.endpoints) (ne .redis.mode "standalone") -}}
{{- range .networkPolicy.redisPorts }}{{- $ports = append $ports (int .) }}{{- end -}}
{{- end -}}
{{- toYaml (uniq $ports) -}}
{{- end -}}
