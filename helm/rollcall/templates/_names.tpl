{{/* The name that all objects begin with; short enough for every suffix. */}}
{{- define "rollcall.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What never changes about a component's pods: {root, name}. */}}
{{- define "rollcall.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | trunc 63 }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{/* Labels of an object: {root, name}. */}}
{{- define "rollcall.labels" -}}
{{ include "rollcall.selector" . }}
app.kubernetes.io/part-of: rollcall
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object: {root, name, suffix (default: the component), annotations}. */}}
{{- define "rollcall.metadata" -}}
name: {{ include "rollcall.fullname" .root }}-{{ default .name .suffix }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "rollcall.labels" . | nindent 2 }}
{{- $annotations := merge (deepCopy (default dict .annotations)) .root.Values.commonAnnotations }}
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
{{- with concat .Values.global.imagePullSecrets .Values.image.pullSecrets | uniq }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
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

{{/*
A component's settings: those of `common`, and over them its own. Maps are joined one level deep. (mergeOverwrite is
no use here: to it false, 0 and "" are nothing.)
*/}}
{{- define "rollcall.component" -}}
{{- $all := deepCopy .root.Values.common -}}
{{- range $key, $value := index .root.Values .name -}}
{{- $below := index $all $key -}}
{{- if and (kindIs "map" $value) (kindIs "map" $below) -}}
{{- range $inner, $each := $value }}{{- $_ := set $below $inner $each }}{{- end -}}
{{- else -}}
{{- $_ := set $all $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $all -}}
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
