{{/* Everything that each component has: {root, name}. */}}
{{- define "rollcall.workload" -}}
{{- $component := include "rollcall.component" . | fromYaml -}}
{{- $context := merge (dict "component" $component) . -}}
{{- $root := .root -}}
{{- $daemon := and (eq .name "edge") (eq $root.Values.edge.exposure.mode "hostNetwork") -}}
{{- include "rollcall.validate" $root -}}
{{- if not $component.existingServiceAccount }}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "rollcall.metadata" (dict "root" $root "name" .name "annotations" $component.serviceAccountAnnotations) | nindent 2 }}
automountServiceAccountToken: false
---
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "rollcall.metadata" . | nindent 2 }}
data:
  {{- range $name, $value := include "rollcall.environment" $context | fromYaml }}
  {{ $name }}: {{ $value | quote }}
  {{- end }}
---
apiVersion: apps/v1
kind: {{ $daemon | ternary "DaemonSet" "Deployment" }}
metadata:
  {{- $replicas := $daemon | ternary "" (include "rollcall.replicas" $context) }}
  {{- $annotations := $replicas | empty | ternary dict (dict "rollcall/replicas" "given") }}
  {{- include "rollcall.metadata" (dict "root" $root "name" .name "annotations" $annotations) | nindent 2 }}
spec:
  {{- with $replicas }}
  replicas: {{ . }}
  {{- end }}
  minReadySeconds: {{ int $component.minReadySeconds }}
  revisionHistoryLimit: {{ int $component.revisionHistoryLimit }}
  {{- if $daemon }}
  updateStrategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 1
  {{- else }}
  progressDeadlineSeconds: {{ add 300 (int $component.terminationGracePeriodSeconds) (int $component.minReadySeconds) }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      # A node's port is free only once the old pod has gone.
      {{- if and (eq .name "edge") (eq $root.Values.edge.exposure.mode "hostPort") }}
      maxUnavailable: 1
      maxSurge: 0
      {{- else }}
      maxUnavailable: 0
      maxSurge: 1
      {{- end }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "rollcall.selector" . | nindent 6 }}
  template:
    {{- include "rollcall.podTemplate" $context | nindent 4 }}
---
{{- /* None for a DaemonSet: its pods are not evicted when a node is drained, and without a scale of its own nothing says how many may be missing. */}}
{{- if and $component.pdb.enabled (not $daemon) (or $component.pdb.single (gt (include "rollcall.leastPods" $context | int) 1)) }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "rollcall.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ $component.pdb.maxUnavailable }}
  # Pods that are broken anyway never keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "rollcall.selector" . | nindent 6 }}
---
{{- end }}
{{- if and $component.autoscaling.enabled (not $daemon) }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "rollcall.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "rollcall.fullname" $root }}-{{ .name }}
  minReplicas: {{ int $component.autoscaling.minReplicas }}
  maxReplicas: {{ int $component.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ int $component.autoscaling.cpuPercent }}
    {{- with $component.autoscaling.extraMetrics }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  behavior:
    {{- toYaml $component.autoscaling.behavior | nindent 4 }}
---
{{- end }}
{{- if and $component.keda.enabled (not $daemon) }}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "rollcall.metadata" (dict "root" $root "name" .name "annotations" $component.keda.annotations) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "rollcall.fullname" $root }}-{{ .name }}
  minReplicaCount: {{ int $component.autoscaling.minReplicas }}
  maxReplicaCount: {{ int $component.autoscaling.maxReplicas }}
  pollingInterval: {{ int $component.keda.pollingSeconds }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        {{- toYaml $component.autoscaling.behavior | nindent 8 }}
  triggers:
    - type: cpu
      metricType: Utilization
      metadata:
        value: {{ int $component.autoscaling.cpuPercent | quote }}
    {{- with $component.keda.triggers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
---
{{- end }}
{{- if ne .name "edge" }}
{{- range $suffix := list "" "-headless" }}
apiVersion: v1
kind: Service
metadata:
  {{- include "rollcall.metadata" (dict "root" $root "name" $.name "suffix" (printf "%s%s" $.name $suffix)) | nindent 2 }}
spec:
  {{- if $suffix }}
  # Clients spread their calls over all pods themselves: kube-proxy would spread connections only.
  clusterIP: None
  {{- end }}
  {{- include "rollcall.ipFamilies" $root | nindent 2 }}
  selector:
    {{- include "rollcall.selector" $ | nindent 4 }}
  ports:
    - name: grpc
      port: {{ include "rollcall.grpcPort" $ }}
      targetPort: grpc
      protocol: TCP
      appProtocol: grpc
---
{{- end }}
{{- end }}
{{- end -}}
