{{/*
How many pods a Deployment is to have, as text; empty is for the autoscaler to say: {root, name, component}. Where the manifest before
has said a number, leaving it out would make it one at once, and all phones but that pod's would come back together: what
there is now is said again, until the autoscaler has changed it and so owns it. (Without server-side apply nobody owns: it is said for ever.)
*/}}
{{- define "rollcall.replicas" -}}
{{- if not (include "rollcall.scales" .) -}}
{{- int .component.replicas -}}
{{- else -}}
{{- $installed := lookup "apps/v1" "Deployment" .root.Release.Namespace (printf "%s-%s" (include "rollcall.fullname" .root) .name) -}}
{{- if dig "metadata" "annotations" "rollcall/replicas" "" $installed -}}
{{- $applied := false -}}
{{- $owned := false -}}
{{- range dig "metadata" "managedFields" list $installed -}}
{{- if eq .manager "helm" -}}
{{- if eq .operation "Apply" }}{{- $applied = true }}{{- end -}}
{{- else if hasKey (dig "fieldsV1" "f:spec" dict .) "f:replicas" -}}
{{- $owned = true -}}
{{- end -}}
{{- end -}}
{{- if not (and $applied $owned) }}{{ int $installed.spec.replicas }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
