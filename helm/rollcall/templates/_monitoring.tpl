{{/* The pods that serve metrics, as a PodMonitor selects them. */}}
{{- define "rollcall.monitored" -}}
selector:
  matchLabels:
    app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | quote }}
    app.kubernetes.io/instance: {{ .Release.Name | quote }}
  matchExpressions:
    - key: app.kubernetes.io/component
      operator: In
      values: [edge, registrar, auth, location, redirect, canary]
{{- end -}}

{{/* How they are scraped. */}}
{{- define "rollcall.metricsEndpoint" -}}
{{- with .Values.monitoring.podMonitor -}}
- port: http
  path: /metrics
  interval: {{ .interval }}
  {{- with .scrapeTimeout }}
  scrapeTimeout: {{ . }}
  {{- end }}
  {{- with .relabelings }}
  relabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* How much of them at most. */}}
{{- define "rollcall.scrapeLimits" -}}
{{- with .Values.monitoring.podMonitor -}}
{{- with .sampleLimit }}
sampleLimit: {{ int . }}
{{- end }}
{{- with .labelLimit }}
labelLimit: {{ int . }}
{{- end }}
{{- if .attachNodeMetadata }}
attachMetadata:
  node: true
{{- end }}
{{- end -}}
{{- end -}}
