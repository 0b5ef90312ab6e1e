{{/* The name that all objects begin with; short enough for every suffix. */}}
{{- define "rollcall.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- /* A release may have dots in its name; a Service may not. */}}
{{- $release := .Release.Name | replace "." "-" -}}
{{- $fullname := contains $name $release | ternary $release (printf "%s-%s" $release $name) -}}
{{- default $fullname .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* What never changes about a component's pods: {root, name}. */}}
{{- define "rollcall.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | trunc 63 | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{/* Labels that the chart gives an object itself: {root, name}. */}}
{{- define "rollcall.ownLabels" -}}
{{ include "rollcall.selector" . }}
app.kubernetes.io/part-of: rollcall
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* All labels of an object: {root, name}. */}}
{{- define "rollcall.labels" -}}
{{ include "rollcall.ownLabels" . }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object: {root, name, suffix (default: the component), annotations}. */}}
{{- define "rollcall.metadata" -}}
name: {{ include "rollcall.fullname" .root }}-{{ default .name .suffix }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "rollcall.labels" . | nindent 2 }}
{{- $annotations := merge (deepCopy (default dict .annotations)) (default dict .root.Values.commonAnnotations) }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* An image's reference: {root, image: {registry, repository, tag, digest}}. */}}
{{- define "rollcall.image" -}}
{{- $registry := .image.registry | default .root.Values.image.registry | default .root.Values.global.imageRegistry -}}
{{- $tag := .image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- with $registry }}{{ . }}/{{ end -}}
{{- .image.repository -}}
{{- if .image.digest }}@{{ .image.digest }}{{ else }}:{{ $tag }}{{ end -}}
{{- end -}}

{{/* Secrets with credentials of registries, as a pod has them. */}}
{{- define "rollcall.pullSecrets" -}}
{{- $names := list -}}
{{- range concat (default list .Values.global.imagePullSecrets) (default list .Values.image.pullSecrets) -}}
{{- if kindIs "map" . }}{{- $names = append $names .name }}{{- else }}{{- $names = append $names . }}{{- end -}}
{{- end -}}
{{- with uniq $names }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* When nodes fetch an image: {root, image}. */}}
{{- define "rollcall.pullPolicy" -}}
{{- .image.pullPolicy | default .root.Values.image.pullPolicy -}}
{{- end -}}

{{/* IP families of a Service. */}}
{{- define "rollcall.ipFamilies" -}}
{{- with .Values.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .Values.ipFamilies }}
ipFamilies:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A component's settings: those of `common`, and over them its own, as Helm puts values over each other: {root, name}. */}}
{{- define "rollcall.component" -}}
{{- $all := deepCopy .root.Values.common -}}
{{- include "rollcall.putOver" (dict "below" $all "above" (index .root.Values .name)) -}}
{{- toYaml $all -}}
{{- end -}}

{{/* Changes `below`; maps are joined, null takes away. (mergeOverwrite is no use here: to it false, 0 and "" are nothing.) */}}
{{- define "rollcall.putOver" -}}
{{- $below := .below -}}
{{- range $key, $value := .above -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := unset $below $key -}}
{{- else if and (kindIs "map" $value) (kindIs "map" (index $below $key)) -}}
{{- include "rollcall.putOver" (dict "below" (index $below $key) "above" $value) -}}
{{- else -}}
{{- $_ := set $below $key $value -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The gRPC port of a service: {name}. */}}
{{- define "rollcall.grpcPort" -}}
{{- get (dict "registrar" "50051" "auth" "50052" "location" "50053" "redirect" "50054") .name -}}
{{- end -}}

{{/* Where clients find all pods of a gRPC service: {root, name}. */}}
{{- define "rollcall.target" -}}
dns:///{{ include "rollcall.fullname" .root }}-{{ .name }}-headless.{{ .root.Release.Namespace }}.svc.{{ .root.Values.clusterDomain }}:{{ include "rollcall.grpcPort" . }}
{{- end -}}

{{/* Name of the Service that a listener is reached by inside the cluster: {root, listener}. */}}
{{- define "rollcall.edgeServiceName" -}}
{{- $exposure := .root.Values.edge.exposure -}}
{{- $fullname := include "rollcall.fullname" .root -}}
{{- if ne $exposure.mode "service" -}}
{{- $fullname }}-edge-headless
{{- else if $exposure.service.mixedProtocol -}}
{{- $fullname }}-edge
{{- else -}}
{{- $fullname }}-edge-{{ .listener.transport | eq "udp" | ternary "udp" "tcp" }}
{{- end -}}
{{- end -}}

{{/* How many pods a component has at least, as text: {component}. */}}
{{- define "rollcall.leastPods" -}}
{{- if include "rollcall.scales" . }}{{ int .component.autoscaling.minReplicas }}{{ else }}{{ int .component.replicas }}{{ end -}}
{{- end -}}

{{/* Text of a setting; numbers without exponent. */}}
{{- define "rollcall.text" -}}
{{- if kindIs "float64" . }}{{ regexReplaceAll "[.]?0+$" (printf "%.9f" .) "" }}{{ else }}{{ toString . }}{{ end -}}
{{- end -}}

{{/* "true" where the component is scaled by its use: {component}. */}}
{{- define "rollcall.scales" -}}
{{- if or .component.autoscaling.enabled .component.keda.enabled }}true{{ end -}}
{{- end -}}

{{/* Secrets with certificates of the edge's listeners, each once, the default one first: a YAML list of names. */}}
{{- define "rollcall.tlsSecrets" -}}
{{- $edge := .Values.edge -}}
{{- $secrets := list -}}
{{- $own := $edge.tls.certManager.enabled | ternary (printf "%s-edge-tls" (include "rollcall.fullname" .)) $edge.tls.existingSecret -}}
{{- range $edge.listeners -}}
{{- if has .transport (list "tls" "wss") -}}
{{- $given := dig "tls" "existingSecret" "" . -}}
{{- if $given }}{{- $secrets = append $secrets $given }}{{- else if $own }}{{- $secrets = prepend $secrets $own }}{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml (uniq $secrets) -}}
{{- end -}}

{{/* Host and port at which a listener is reached inside the cluster: {root, listener}. */}}
{{- define "rollcall.listenerAddress" -}}
{{- $port := eq .root.Values.edge.exposure.mode "service" | ternary (int .listener.port) (int (default .listener.port .listener.containerPort)) -}}
{{- include "rollcall.edgeServiceName" . }}.{{ .root.Release.Namespace }}.svc.{{ .root.Values.clusterDomain }}:{{ $port -}}
{{- end -}}

{{/* Where other services ask location. */}}
{{- define "rollcall.locationAddress" -}}
{{- include "rollcall.fullname" . }}-location.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:{{ include "rollcall.grpcPort" (dict "name" "location") -}}
{{- end -}}
