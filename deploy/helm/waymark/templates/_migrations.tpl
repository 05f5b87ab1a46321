{{- /* Annotations that make an object a hook, or nothing. (dict "root" $ "weight" "-10") */ -}}
{{- define "waymark.hook" -}}
{{- if .root.Values.migrations.hook -}}
annotations:
  helm.sh/hook: pre-install,pre-upgrade
  helm.sh/hook-weight: {{ .weight | quote }}
  helm.sh/hook-delete-policy: before-hook-creation
{{- end }}
{{- end }}

{{- define "waymark.migrations.pod" -}}
metadata:
  labels:
    {{- include "waymark.labels" (dict "root" . "component" "migrations") | nindent 4 }}
  {{- with .Values.migrations.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "waymark.fullname" . }}-migrations
  restartPolicy: Never
  {{- include "waymark.pod" . | nindent 2 }}
  containers:
    - name: migrations
      {{- include "waymark.container" . | nindent 6 }}
      command: [waymark, db, migrate]
      env:
        {{- include "waymark.secret" (dict "name" "WAYMARK_DATABASE_OWNER_URL" "secret" .Values.database.ownerSecret "key" .Values.database.ownerUrlKey) | nindent 8 }}
        - name: OTEL_SDK_DISABLED
          value: "true"
      resources:
        {{- toYaml .Values.migrations.resources | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
  volumes:
    {{- include "waymark.tmp" .Values.migrations | nindent 4 }}
{{- end }}
