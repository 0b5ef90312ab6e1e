{{/* The Secret with the certificate that a component shows over gRPC, as text: {root, name}; "probe" is helm test's and the canary's. */}}
{{- define "rollcall.grpcTlsSecret" -}}
{{- $tls := .root.Values.grpcTls -}}
{{- if not $tls.enabled -}}
{{- else if $tls.certManager.enabled -}}
{{- include "rollcall.fullname" .root }}-{{ .name }}-grpc-tls
{{- else -}}
{{- index $tls.existingSecrets .name -}}
{{- end -}}
{{- end -}}

{{/* "true" where something looks up over gRPC that is none of the five. */}}
{{- define "rollcall.grpcTlsProbes" -}}
{{- if or .Values.test.aor .Values.test.health .Values.canary.enabled }}true{{ end -}}
{{- end -}}

{{/* The name by which servers know a component: {root, name}. */}}
{{- define "rollcall.grpcTlsName" -}}
{{- include "rollcall.fullname" .root }}-{{ .name }}.{{ .root.Release.Namespace }}.svc
{{- end -}}

{{/* All names in a component's certificate: those of its Services, which clients ask for. A YAML list: {root, name}. */}}
{{- define "rollcall.grpcTlsDnsNames" -}}
{{- $names := list (include "rollcall.grpcTlsName" .) -}}
{{- if has .name (list "registrar" "auth" "location" "redirect") -}}
{{- range $suffix := list "" "-headless" -}}
{{- $service := printf "%s-%s%s" (include "rollcall.fullname" $.root) $.name $suffix -}}
{{- $inNamespace := printf "%s.%s" $service $.root.Release.Namespace -}}
{{- $names = concat $names (list $service $inNamespace (printf "%s.svc" $inNamespace) (printf "%s.svc.%s" $inNamespace $.root.Values.clusterDomain)) -}}
{{- end -}}
{{- end -}}
{{- toYaml (uniq $names) -}}
{{- end -}}

{{/* Where the files of the certificate are, as variables. */}}
{{- define "rollcall.grpcTlsFiles" -}}
GRPC_TLS_CERT_FILE: /etc/rollcall/grpc-tls/tls.crt
GRPC_TLS_KEY_FILE: /etc/rollcall/grpc-tls/tls.key
GRPC_TLS_CA_FILE: /etc/rollcall/grpc-tls/ca.crt
{{- end -}}

{{/* The variables of a component that say how it speaks TLS over gRPC, and to whom: {root, name}. */}}
{{- define "rollcall.grpcTlsEnvironment" -}}
{{- $root := .root -}}
{{- $clients := .root.Values.grpcTls.clients -}}
{{- $names := dict -}}
{{- range $name, $key := dict "edge" "edges" "registrar" "registrars" "redirect" "redirects" -}}
{{- $_ := set $names $key (join " " (default (list (include "rollcall.grpcTlsName" (dict "root" $root "name" $name))) (index $clients $key))) -}}
{{- end -}}
{{- $all := include "rollcall.grpcTlsFiles" . | fromYaml -}}
{{- if or (eq .name "registrar") (eq .name "redirect") -}}
{{- $_ := set $all (printf "%s_GRPC_EDGES" (upper .name)) $names.edges -}}
{{- else if or (eq .name "auth") (eq .name "location") -}}
{{- range $key := list "registrars" "redirects" -}}
{{- $_ := set $all (printf "%s_GRPC_%s" (upper $.name) (upper $key)) (index $names $key) -}}
{{- end -}}
{{- end -}}
{{- if and (eq .name "location") $clients.others -}}
{{- $others := $clients.others -}}
{{- if include "rollcall.grpcTlsProbes" $root }}{{- $others = append $others (include "rollcall.grpcTlsName" (dict "root" $root "name" "probe")) }}{{- end -}}
{{- $_ := set $all "LOCATION_GRPC_CLIENTS" (join " " $others) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* The volume of the certificate: the whole Secret, never by subPath, since kubelet swaps the folder when it changes: {root, name}. */}}
{{- define "rollcall.grpcTlsVolume" -}}
{{- with include "rollcall.grpcTlsSecret" . }}
- name: grpc-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{- define "rollcall.grpcTlsMount" -}}
{{- if include "rollcall.grpcTlsSecret" . }}
- name: grpc-tls
  mountPath: /etc/rollcall/grpc-tls
  readOnly: true
{{- end }}
{{- end -}}

{{/* The env of what looks up over gRPC beside the five: {root}. */}}
{{- define "rollcall.grpcTlsProbeEnv" -}}
{{- if .root.Values.grpcTls.enabled }}
env:
  {{- range $name, $value := include "rollcall.grpcTlsFiles" . | fromYaml }}
  - name: {{ $name }}
    value: {{ $value }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Settings of grpcTls that contradict each other, as a YAML list. */}}
{{- define "rollcall.grpcTlsProblems" -}}
{{- $problems := list -}}
{{- $tls := .Values.grpcTls -}}
{{- $manager := $tls.certManager -}}
{{- $given := list -}}
{{- range $name, $secret := $tls.existingSecrets }}{{- if $secret }}{{- $given = append $given $name }}{{- end }}{{- end -}}
{{- if not $tls.enabled -}}
{{- if or $manager.enabled $given -}}
{{- $problems = append $problems "grpcTls.enabled: is false, so that grpcTls.certManager and grpcTls.existingSecrets are of no use" -}}
{{- end -}}
{{- else if $manager.enabled -}}
{{- range $name := $given -}}
{{- $problems = append $problems (printf "grpcTls.existingSecrets.%s: cannot be set beside grpcTls.certManager.enabled" $name) -}}
{{- end -}}
{{- if not $manager.issuerRef.name -}}
{{- $problems = append $problems "grpcTls.certManager.issuerRef.name: needed by certManager.enabled: an issuer of an authority for this installation, not a public one" -}}
{{- end -}}
{{- else if not $given -}}
{{- $problems = append $problems "grpcTls.enabled: needs certificates: grpcTls.certManager.enabled, or grpcTls.existingSecrets for each component" -}}
{{- else -}}
{{- range $name := list "edge" "registrar" "auth" "location" "redirect" -}}
{{- if not (has $name $given) -}}
{{- $problems = append $problems (printf "grpcTls.existingSecrets.%s: needed by grpcTls.enabled: a Secret with tls.crt, tls.key and ca.crt" $name) -}}
{{- end -}}
{{- end -}}
{{- if and (include "rollcall.grpcTlsProbes" .) (not (has "probe" $given)) -}}
{{- $problems = append $problems "grpcTls.existingSecrets.probe: needed by test.aor, test.health and canary.enabled, which look up over gRPC" -}}
{{- end -}}
{{- end -}}
{{- if not $tls.enabled -}}
{{- range $key, $names := $tls.clients -}}
{{- if $names }}{{- $problems = append $problems (printf "grpcTls.clients.%s: of no use without grpcTls.enabled: no caller shows a certificate" $key) }}{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $problems -}}
{{- end -}}
