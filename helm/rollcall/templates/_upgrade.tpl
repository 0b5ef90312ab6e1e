{{/*
What an upgrade of this release would break, as a YAML list of texts: found by looking at what is installed. Nothing is
found where there is no cluster to look at (helm template).
*/}}
{{- define "rollcall.upgradeProblems" -}}
{{- $problems := list -}}
{{- if .Release.IsUpgrade -}}
{{- $root := . -}}
{{- $fullname := include "rollcall.fullname" . -}}
{{- $installed := lookup "v1" "ConfigMap" .Release.Namespace (printf "%s-location" $fullname) -}}
{{- if $installed -}}
{{- $labels := default dict $installed.metadata.labels -}}
{{- $before := index $labels "helm.sh/chart" | default "" | trimPrefix (printf "%s-" .Chart.Name) | replace "_" "+" -}}
{{- $accept := .Values.upgrade -}}
{{- if regexMatch "^[0-9]+[.][0-9]+[.][0-9]+" $before -}}
{{- if and (gt ((semver $before).Compare (semver .Chart.Version)) 0) (not $accept.acceptDowngrade) -}}
{{- $problems = append $problems (printf "upgrade.acceptDowngrade: chart %s is installed, this is %s. Records that a newer location has written may be unknown to an older one; to go back after an upgrade use helm rollback" $before .Chart.Version) -}}
{{- end -}}
{{- with index .Chart.Annotations "rollcall/upgrades-from" -}}
{{- if not (semverCompare . $before) -}}
{{- $problems = append $problems (printf "upgrade: this chart replaces %s only, and %s is installed: install one in between first" . $before) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $new := include "rollcall.environment" (dict "root" . "name" "location" "component" (include "rollcall.component" (dict "root" . "name" "location") | fromYaml)) | fromYaml -}}
{{- $was := include "rollcall.storeOf" $installed.data -}}
{{- $is := include "rollcall.storeOf" $new -}}
{{- if and (ne (toString $was) (toString $is)) (not $accept.acceptStoreChange) -}}
{{- $problems = append $problems (printf "upgrade.acceptStoreChange: bindings are in %s now and would be in %s: those that there are stay behind, and every phone must register again" $was $is) -}}
{{- end -}}
{{- end -}}
{{- range $name := list "edge" "registrar" "auth" "location" "redirect" -}}
{{- $component := include "rollcall.component" (dict "root" $root "name" $name) | fromYaml -}}
{{- $scaler := printf "%s-%s" $fullname $name -}}
{{- if and $component.keda.enabled (lookup "autoscaling/v2" "HorizontalPodAutoscaler" $root.Release.Namespace $scaler) -}}
{{- $problems = append $problems (printf "%s.keda.enabled: HorizontalPodAutoscaler %s is still there, and KEDA takes over nothing that has another one. The pods stay when it goes: kubectl -n %s delete hpa %s" $name $scaler $root.Release.Namespace $scaler) -}}
{{- end -}}
{{- end -}}
{{- /* Selectors cannot be changed; the API server would say so after half of the objects are there. */}}
{{- range $name := list "edge" "registrar" "auth" "location" "redirect" -}}
{{- $kind := and (eq $name "edge") (eq $root.Values.edge.exposure.mode "hostNetwork") | ternary "DaemonSet" "Deployment" -}}
{{- $workload := lookup "apps/v1" $kind $root.Release.Namespace (printf "%s-%s" $fullname $name) -}}
{{- if $workload -}}
{{- $selector := include "rollcall.selector" (dict "root" $root "name" $name) | fromYaml -}}
{{- if ne (toJson $workload.spec.selector.matchLabels) (toJson $selector) -}}
{{- $problems = append $problems (printf "nameOverride: %s %s-%s selects %s and cannot select %s: keep nameOverride, or remove the %s first" $kind $fullname $name (toJson $workload.spec.selector.matchLabels) (toJson $selector) $kind) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $problems = concat $problems (include "rollcall.serviceProblems" . | fromYamlArray) -}}
{{- end -}}
{{- toYaml $problems -}}
{{- end -}}

{{/* What the Services of the edge that are installed keep from being changed, as a YAML list of texts. */}}
{{- define "rollcall.serviceProblems" -}}
{{- $problems := list -}}
{{- $root := . -}}
{{- $edge := .Values.edge -}}
{{- $service := $edge.exposure.service -}}
{{- if eq $edge.exposure.mode "service" -}}
{{- $names := list -}}
{{- range $edge.listeners }}{{- $names = append $names (include "rollcall.edgeServiceName" (dict "root" $root "listener" .)) }}{{- end -}}
{{- $nodePorts := list -}}
{{- range $edge.listeners }}{{- with .nodePort }}{{- $nodePorts = append $nodePorts (int .) }}{{- end }}{{- end -}}
{{- range $suffix := list "edge" "edge-udp" "edge-tcp" -}}
{{- $name := printf "%s-%s" (include "rollcall.fullname" $root) $suffix -}}
{{- $installed := lookup "v1" "Service" $root.Release.Namespace $name -}}
{{- if and $installed (has $name $names) -}}
{{- $class := dig "spec" "loadBalancerClass" "" $installed -}}
{{- /* Left empty, it may be one that the cluster has put in by itself. */}}
{{- if and $service.loadBalancerClass (eq $service.type "LoadBalancer") (eq $installed.spec.type "LoadBalancer") (ne $class $service.loadBalancerClass) -}}
{{- $problems = append $problems (printf "edge.exposure.service.loadBalancerClass: Service %s has %q and can have no other as long as it is there; without it phones have no way in until the new load balancer is: kubectl -n %s delete service %s" $name $class $root.Release.Namespace $name) -}}
{{- end -}}
{{- else if $installed -}}
{{- range $installed.spec.ports -}}
{{- if has (int (default 0 .nodePort)) $nodePorts -}}
{{- $problems = append $problems (printf "edge.listeners: nodePort %d is that of Service %s, which goes only once the new ones are there: choose another, or kubectl -n %s delete service %s" (int .nodePort) $name $root.Release.Namespace $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $problems -}}
{{- end -}}

{{/* Which store location's variables name: where it is and what its keys begin with, not how it is reached. */}}
{{- define "rollcall.storeOf" -}}
{{- $store := .LOCATION_STORE | default .LOCATION_STORE_FILE | default "" -}}
{{- $store = regexReplaceAll "[?].*$" $store "" -}}
{{- $store = regexReplaceAll "^rediss:" $store "redis:" -}}
{{- regexReplaceAll "//[^@/]*@" $store "//" }}{{ with .LOCATION_STORE_KEY_PREFIX }} with keys {{ . }}…{{ end -}}
{{- end -}}
