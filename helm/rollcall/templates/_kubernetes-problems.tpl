{{/* Values that Kubernetes would refuse when half of the objects are there, or take and do nothing with: a YAML list of texts. */}}
{{- define "rollcall.kubernetesProblems" -}}
{{- $problems := list -}}
{{- $root := . -}}
{{- $values := .Values -}}
{{- $edge := $values.edge -}}
{{- $mode := $edge.exposure.mode -}}
{{- $fullname := include "rollcall.fullname" . -}}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" $fullname) -}}
{{- $problems = append $problems (printf "fullnameOverride: objects would be called %s-…, which no Service may be: set it to small letters, digits and hyphens, with a letter first" $fullname) -}}
{{- end -}}
{{- $labels := dict "commonLabels" $values.commonLabels -}}
{{- range $name := list "registrar" "auth" "location" "redirect" "edge" -}}
{{- $component := include "rollcall.component" (dict "root" $root "name" $name) | fromYaml -}}
{{- $_ := set $labels (printf "%s.podLabels" $name) $component.podLabels -}}
{{- $seen := list -}}
{{- range $component.extraEnv -}}
{{- if has .name $seen }}{{- $problems = append $problems (printf "%s.extraEnv: %s is there twice" $name .name) }}{{- end -}}
{{- $seen = append $seen .name -}}
{{- end -}}
{{- if and (eq $name "edge") (eq $mode "hostNetwork") -}}
{{- range $component.sysctls -}}
{{- if hasPrefix "net." .name }}{{- $problems = append $problems (printf "edge.sysctls: %s: on the node's network (mode hostNetwork) it is the node's: set it there" .name) }}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $own := include "rollcall.ownLabels" (dict "root" . "name" "edge") | fromYaml -}}
{{- range $where, $given := $labels -}}
{{- range $label, $_ := $given -}}
{{- if hasKey $own $label }}{{- $problems = append $problems (printf "%s: %s is a label that the chart gives itself" $where $label) }}{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (eq $values.listenAddress "0.0.0.0") (or (has "IPv6" (default list $values.ipFamilies)) (has $values.ipFamilyPolicy (list "PreferDualStack" "RequireDualStack"))) -}}
{{- $problems = append $problems "listenAddress: must be [::] where Services have IPv6 (ipFamilies, ipFamilyPolicy): nothing would listen behind them" -}}
{{- end -}}
{{- $byNode := eq $edge.advertise.from "hostIP" -}}
{{- range $edge.listeners }}{{- if eq (dig "advertised" "from" "" .) "hostIP" }}{{- $byNode = true }}{{- end }}{{- end -}}
{{- $policy := $values.networkPolicy -}}
{{- if and (eq $mode "hostPort") $byNode $policy.enabled (or $policy.sipFrom $policy.sipTo) (not $policy.nodeCidrs) -}}
{{- $problems = append $problems "networkPolicy.nodeCidrs: needed beside sipFrom and sipTo where edges reach each other by the nodes' addresses (mode hostPort, advertise.from=hostIP)" -}}
{{- end -}}
{{- if and (eq $mode "gateway") (gt (len $edge.listeners) 1) -}}
{{- range $edge.exposure.gateway.parentRefs -}}
{{- if .sectionName }}{{- $problems = append $problems (printf "edge.exposure.gateway.parentRefs: %s: leave sectionName out where there is more than one listener: each has a route of its own, attached to the Gateway's listener of the same port" .name) }}{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (gt (int $edge.exposure.service.udp.healthPort) 0) (eq $mode "service") -}}
{{- $udp := false -}}
{{- range $edge.listeners }}{{- if eq .transport "udp" }}{{- $udp = true }}{{- end }}{{- end -}}
{{- if not $udp }}{{- $problems = append $problems "edge.exposure.service.udp.healthPort: without a listener of transport udp there is no UDP Service that could have it" }}{{- end -}}
{{- end -}}
{{- toYaml $problems -}}
{{- end -}}
