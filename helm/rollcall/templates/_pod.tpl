{{/* Restricted, as the Pod Security Standards mean it. */}}
{{- define "rollcall.podSecurity" -}}
runAsNonRoot: true
{{- if .Values.podSecurity.fixedUser }}
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "rollcall.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* What a Prometheus without the operator finds pods by. */}}
{{- define "rollcall.scrapeAnnotations" -}}
{{- if .Values.monitoring.annotations }}
prometheus.io/scrape: "true"
prometheus.io/port: {{ int .Values.httpPort | quote }}
prometheus.io/path: /metrics
{{- end }}
{{- end -}}

{{/*
How a component's pods are spread: {root, name, component}. Nodes that pods do not bear the taints of are no place for them, and
do not count as empty ones; a node without the label is none for a pod that must be spread by it. A DaemonSet is spread by itself.
*/}}
{{- define "rollcall.spread" -}}
{{- $daemon := and (eq .name "edge") (eq .root.Values.edge.exposure.mode "hostNetwork") -}}
{{- $spread := .component.spread -}}
{{- if and (not $daemon) (or $spread.zones $spread.nodes) }}
topologySpreadConstraints:
  {{- range $key, $unsatisfiable := dict "topology.kubernetes.io/zone" $spread.zones "kubernetes.io/hostname" $spread.nodes }}
  {{- if $unsatisfiable }}
  - topologyKey: {{ $key }}
    maxSkew: 1
    whenUnsatisfiable: {{ $unsatisfiable }}
    nodeTaintsPolicy: Honor
    labelSelector:
      matchLabels:
        {{- include "rollcall.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* The pod template of a component: {root, name, component}. */}}
{{- define "rollcall.podTemplate" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $component := .component -}}
{{- $hostNetwork := and (eq .name "edge") (eq $values.edge.exposure.mode "hostNetwork") -}}
{{- $hostPort := and (eq .name "edge") (eq $values.edge.exposure.mode "hostPort") -}}
{{- $files := include "rollcall.secretFiles" . | fromYamlArray -}}
{{- $certificates := eq .name "edge" | ternary (include "rollcall.tlsSecrets" $root | fromYamlArray) list -}}
{{- $clientCa := and (eq .name "edge") (ne $values.edge.tls.clientCa.name "") | ternary $values.edge.tls.clientCa dict -}}
{{- /* Whole Secrets, by the folder that they are mounted in. */}}
{{- $wholeSecrets := dict -}}
{{- if has .name (list "auth" "location") -}}
{{- with $values.redis.tls.caSecret.name }}{{- $_ := set $wholeSecrets "redis-ca" . }}{{- end -}}
{{- with $values.redis.tls.clientSecret.name }}{{- $_ := set $wholeSecrets "redis-client" . }}{{- end -}}
{{- end -}}
{{- if eq .name "auth" -}}
{{- with $values.subscribers.caSecret.name }}{{- $_ := set $wholeSecrets "subscribers-ca" . }}{{- end -}}
{{- end -}}
metadata:
  labels:
    {{- merge (dict) (default dict $component.podLabels) (include "rollcall.labels" . | fromYaml) | toYaml | nindent 4 }}
    {{- if $values.monitoring.serviceMonitor.enabled }}
    rollcall/metrics: "true"
    {{- end }}
  annotations:
    # New variables need new processes. Secrets are not counted: what changes in them is read again, or rolled by hand.
    checksum/config: {{ include "rollcall.environment" . | sha256sum }}
    {{- include "rollcall.scrapeAnnotations" $root | nindent 4 }}
    {{- with $component.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ $component.existingServiceAccount | default (printf "%s-%s" (include "rollcall.fullname" $root) .name) }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- include "rollcall.pullSecrets" $root | nindent 2 }}
  {{- if $hostNetwork }}
  hostNetwork: true
  {{- end }}
  {{- with $component.dnsPolicy | default ($hostNetwork | ternary "ClusterFirstWithHostNet" "") }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with $component.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  terminationGracePeriodSeconds: {{ int $component.terminationGracePeriodSeconds }}
  securityContext:
    {{- include "rollcall.podSecurity" $root | nindent 4 }}
    {{- with $component.sysctls }}
    sysctls:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  {{- range $key := list "priorityClassName" "runtimeClassName" "schedulerName" }}
  {{- with index $component $key }}
  {{ $key }}: {{ . }}
  {{- end }}
  {{- end }}
  {{- range $key := list "nodeSelector" "tolerations" "affinity" "hostAliases" "initContainers" }}
  {{- with index $component $key }}
  {{ $key }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- include "rollcall.spread" . | nindent 2 }}
  containers:
    - name: {{ .name }}
      image: {{ include "rollcall.image" (dict "root" $root "image" $component.image) }}
      imagePullPolicy: {{ include "rollcall.pullPolicy" (dict "root" $root "image" $component.image) }}
      securityContext:
        {{- include "rollcall.containerSecurity" . | nindent 8 }}
      envFrom:
        - configMapRef:
            name: {{ include "rollcall.fullname" $root }}-{{ .name }}
        {{- with $component.extraEnvFrom }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      env:
        {{- include "rollcall.containerEnv" . | nindent 8 }}
      ports:
        - name: http
          containerPort: {{ int $values.httpPort }}
          protocol: TCP
        {{- if eq .name "edge" }}
        {{- range $values.edge.listeners }}
        - name: {{ .name }}
          containerPort: {{ int (default .port .containerPort) }}
          protocol: {{ .transport | eq "udp" | ternary "UDP" "TCP" }}
          {{- if or $hostPort $hostNetwork }}
          hostPort: {{ int .port }}
          {{- end }}
        {{- end }}
        {{- else }}
        - name: grpc
          containerPort: {{ include "rollcall.grpcPort" . }}
          protocol: TCP
        {{- end }}
      {{- range $probe, $path := dict "startup" "/livez" "liveness" "/livez" "readiness" "/readyz" }}
      {{ $probe }}Probe:
        httpGet:
          path: {{ $path }}
          port: http
        {{- toYaml (index $component.probes $probe) | nindent 8 }}
      {{- end }}
      {{- if $component.lifecycle }}
      lifecycle:
        {{- toYaml $component.lifecycle | nindent 8 }}
      {{- else if gt (int $component.drain.preStopSeconds) 0 }}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ int $component.drain.preStopSeconds }}
      {{- end }}
      {{- with $component.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if $files }}
        - name: secrets
          mountPath: /etc/rollcall/secrets
          readOnly: true
        {{- end }}
        {{- include "rollcall.grpcTlsMount" . | nindent 8 }}
        {{- range $folder, $secret := $wholeSecrets }}
        - name: {{ $folder }}
          mountPath: /etc/rollcall/{{ $folder }}
          readOnly: true
        {{- end }}
        {{- range $index, $secret := $certificates }}
        - name: tls-{{ $index }}
          mountPath: /etc/rollcall/tls/{{ $secret }}
          readOnly: true
        {{- end }}
        {{- if $clientCa }}
        - name: tls-client-ca
          mountPath: /etc/rollcall/tls-client-ca
          readOnly: true
        {{- end }}
        {{- if and (eq .name "auth") (not $values.subscribers.url) }}
        - name: subscribers
          mountPath: /etc/rollcall/subscribers
          readOnly: true
        {{- end }}
        {{- with $component.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with $component.sidecars }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- if $files }}
    - name: secrets
      projected:
        defaultMode: 0440
        sources:
          {{- range $files }}
          - secret:
              name: {{ .secret }}
              items:
                - key: {{ .key }}
                  path: {{ .variable }}
          {{- end }}
    {{- end }}
    {{- /* Whole Secrets, never by subPath: kubelet swaps the folder when they change, and the programs read them again. */}}
    {{- include "rollcall.grpcTlsVolume" . | nindent 4 }}
    {{- range $folder, $secret := $wholeSecrets }}
    - name: {{ $folder }}
      secret:
        secretName: {{ $secret }}
        defaultMode: 0440
    {{- end }}
    {{- range $index, $secret := $certificates }}
    - name: tls-{{ $index }}
      secret:
        secretName: {{ $secret }}
        defaultMode: 0440
    {{- end }}
    {{- with $clientCa }}
    - name: tls-client-ca
      secret:
        secretName: {{ .name }}
        defaultMode: 0440
    {{- end }}
    {{- if and (eq .name "auth") $values.subscribers.url }}
    {{- else if and (eq .name "auth") $values.subscribers.existingConfigMap.name }}
    - name: subscribers
      configMap:
        name: {{ $values.subscribers.existingConfigMap.name }}
    {{- else if eq .name "auth" }}
    - name: subscribers
      secret:
        secretName: {{ default (printf "%s-subscribers" (include "rollcall.fullname" $root)) $values.subscribers.existingSecret.name }}
        defaultMode: 0440
    {{- end }}
    {{- with $component.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
