{{/* Three quarters of the memory limit for the heap; Node does not see a container's limit in full. {component} */}}
{{- define "rollcall.heapMegabytes" -}}
{{- $limit := include "rollcall.text" (dig "limits" "memory" "" (default dict .component.resources)) -}}
{{- $number := regexFind "^[0-9.]+" $limit -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 -}}
{{- $unit := trimPrefix $number $limit -}}
{{- if and $number (hasKey $units $unit) }}{{ divf (mulf $number (get $units $unit) 0.75) 1048576 | floor }}{{ end -}}
{{- end -}}

{{/*
A container's env as a YAML list: {root, name, component}. What of `extraEnv` has a name of the chart's own takes its place: the API
server knows variables by their names, and refuses one that is there twice.
*/}}
{{- define "rollcall.containerEnv" -}}
{{- $extra := default list .component.extraEnv -}}
{{- $given := list -}}
{{- range $extra }}{{- $given = append $given .name }}{{- end -}}
{{- $all := list -}}
{{- range include "rollcall.ownEnv" . | fromYamlArray }}{{- if not (has .name $given) }}{{- $all = append $all . }}{{- end }}{{- end -}}
{{- $heap := include "rollcall.heapMegabytes" . -}}
{{- range $extra -}}
{{- /* Options of Node are added to ours; of one that is there twice the last counts. */}}
{{- $ours := and (eq .name "NODE_OPTIONS") .value $heap | empty | ternary "" (printf "--max-old-space-size=%s " $heap) -}}
{{- $all = append $all ($ours | empty | ternary . (dict "name" .name "value" (printf "%s%v" $ours .value))) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* What of a container's env the chart sets: {root, name, component}. */}}
{{- define "rollcall.ownEnv" -}}
{{- $values := .root.Values -}}
{{- if and (eq .name "auth") $values.subscribers.caSecret.name }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/rollcall/subscribers-ca/{{ $values.subscribers.caSecret.key }}
{{- end }}
{{- with include "rollcall.heapMegabytes" . }}
- name: NODE_OPTIONS
  value: --max-old-space-size={{ . }}
{{- end }}
{{- if eq .name "edge" }}
- name: EDGE_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- $advertise := include "rollcall.advertise" .root }}
{{- if contains "$(" $advertise }}
{{- /* Where other edges reach this one: it alone holds the connections of its phones (RFC 5626 §5.3). */}}
{{- range $variable, $field := dict "POD_ADDRESS" "podIP" "POD_ADDRESSES" "podIPs" "HOST_ADDRESS" "hostIP" "HOST_ADDRESSES" "hostIPs" }}
{{- if contains (printf "$(%s)" $variable) $advertise }}
- name: {{ $variable }}
  valueFrom:
    fieldRef:
      fieldPath: status.{{ $field }}
{{- end }}
{{- end }}
- name: EDGE_ADVERTISE
  value: {{ $advertise | quote }}
{{- end }}
{{- end }}
- name: TMPDIR
  value: /tmp
{{- end -}}
