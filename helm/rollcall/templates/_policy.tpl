{{/* A rule that lets questions to the DNS out. */}}
{{- define "rollcall.dnsEgress" -}}
- ports:
    {{- range .Values.networkPolicy.dnsPorts }}
    - {port: {{ int . }}, protocol: UDP}
    - {port: {{ int . }}, protocol: TCP}
    {{- end }}
{{- end -}}

{{/* The ports at which edges serve SIP. */}}
{{- define "rollcall.listenerPorts" -}}
{{- range .Values.edge.listeners }}
- port: {{ int (default .port .containerPort) }}
  protocol: {{ .transport | eq "udp" | ternary "UDP" "TCP" }}
{{- end }}
{{- end -}}

{{/* Edges as peers of a rule: pods, nodes where edges are on the nodes' network, or both where they are reached by ports of the nodes. */}}
{{- define "rollcall.edgePeers" -}}
{{- $mode := .Values.edge.exposure.mode -}}
{{- if ne $mode "hostNetwork" }}
- podSelector:
    matchLabels:
      {{- include "rollcall.selector" (dict "root" . "name" "edge") | nindent 6 }}
{{- end }}
{{- if has $mode (list "hostNetwork" "hostPort") }}
{{- range .Values.networkPolicy.nodeCidrs }}
- ipBlock:
    cidr: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The port of an http://, https:// or postgres:// URL. */}}
{{- define "rollcall.urlPort" -}}
{{- $host := (urlParse .).host -}}
{{- if regexMatch ":[0-9]+$" $host }}{{ regexFind "[0-9]+$" $host }}{{ else if hasPrefix "postgres" . }}5432{{ else }}{{ hasPrefix "https:" . | ternary 443 80 }}{{ end -}}
{{- end -}}
