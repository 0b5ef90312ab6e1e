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

{{/* Edges as peers of a rule: pods, or nodes where edges are on the nodes' network. */}}
{{- define "rollcall.edgePeers" -}}
{{- if eq .Values.edge.exposure.mode "hostNetwork" }}
{{- range .Values.networkPolicy.nodeCidrs }}
- ipBlock:
    cidr: {{ . }}
{{- end }}
{{- else }}
- podSelector:
    matchLabels:
      {{- include "rollcall.selector" (dict "root" . "name" "edge") | nindent 6 }}
{{- end }}
{{- end -}}

{{/* The port of an http://, https:// or postgres:// URL. */}}
{{- define "rollcall.urlPort" -}}
{{- $host := (urlParse .).host -}}
{{- if regexMatch ":[0-9]+$" $host }}{{ regexFind "[0-9]+$" $host }}{{ else if hasPrefix "postgres" . }}5432{{ else }}{{ hasPrefix "https:" . | ternary 443 80 }}{{ end -}}
{{- end -}}
