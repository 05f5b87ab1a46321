{{- /* One way out: (dict "rule" {to, ports} "port" 5432) */ -}}
{{- define "waymark.egress" -}}
- ports:
    {{- range (.rule.ports | default (list .port)) }}
    - port: {{ int . }}
      protocol: TCP
    {{- end }}
  {{- with .rule.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "waymark.egress.dns" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  to:
    {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
{{- end }}

{{- /* What the API and the worker both go out to. */ -}}
{{- define "waymark.egress.serving" -}}
{{- $out := .Values.networkPolicy.egress -}}
{{ include "waymark.egress.dns" . }}
{{ include "waymark.egress" (dict "rule" $out.database "port" .Values.database.port) }}
{{ include "waymark.egress" (dict "rule" $out.temporal "port" (regexFind "[0-9]+$" .Values.temporal.address)) }}
{{- with .Values.telemetry.endpoint }}
{{ include "waymark.egress" (dict "rule" $out.telemetry "port" (trimPrefix ":" (regexFind ":[0-9]+" .))) }}
{{- end }}
{{- end }}
