{{- /* The parts of a pod that no component may differ in. */ -}}

{{- define "waymark.pod" -}}
automountServiceAccountToken: false
# A Service called waymark would otherwise put WAYMARK_PORT=tcp://... into the settings' namespace.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with .Values.scheduling.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.scheduling.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.scheduling.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "waymark.container" -}}
image: {{ include "waymark.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop:
      - ALL
{{- end }}

{{- /* Spread over zones, then nodes, but never leave a pod unplaced for it. (dict "root" $ "component" "api") */ -}}
{{- define "waymark.spread" -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "waymark.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{- define "waymark.secret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret | quote }}
      key: {{ .key | quote }}
{{- end }}

{{- /* What the API and the worker both need: the journal, Temporal, the codec. */ -}}
{{- define "waymark.serving" -}}
{{ include "waymark.secret" (dict "name" "WAYMARK_DATABASE_URL" "secret" .Values.database.existingSecret "key" .Values.database.urlKey) }}
{{ include "waymark.secret" (dict "name" "WAYMARK_CODEC_KEYS" "secret" .Values.codec.existingSecret "key" .Values.codec.key) }}
- name: WAYMARK_TEMPORAL_ADDRESS
  value: {{ .Values.temporal.address | quote }}
- name: WAYMARK_TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
{{- with .Values.temporal.apiKey }}
{{- if .existingSecret }}
{{ include "waymark.secret" (dict "name" "WAYMARK_TEMPORAL_API_KEY" "secret" .existingSecret "key" .key) }}
{{- end }}
{{- end }}
{{- with .Values.temporal.mtls }}
{{- if .existingSecret }}
- name: WAYMARK_TEMPORAL_TLS_CERT
  value: /run/waymark/temporal/tls.crt
- name: WAYMARK_TEMPORAL_TLS_KEY
  value: /run/waymark/temporal/tls.key
{{- if .authorityKey }}
- name: WAYMARK_TEMPORAL_TLS_CA
  value: /run/waymark/temporal/ca.crt
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* (dict "root" $ "service" "waymark-api") */ -}}
{{- define "waymark.telemetry" -}}
{{- with .root.Values.telemetry }}
{{- if .endpoint -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: OTEL_SERVICE_NAME
  value: {{ $.service }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ printf "service.namespace=waymark,service.instance.id=$(POD_NAME),deployment.environment.name=%s" .environment | quote }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
- name: OTEL_EXPORTER_OTLP_PROTOCOL
  value: http/protobuf
{{- if .headers.existingSecret }}
{{ include "waymark.secret" (dict "name" "OTEL_EXPORTER_OTLP_HEADERS" "secret" .headers.existingSecret "key" .headers.key) }}
{{- end }}
{{- range $name, $value := .variables }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- else -}}
- name: OTEL_SDK_DISABLED
  value: "true"
{{- end }}
{{- end }}
{{- end }}

{{- define "waymark.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .Values.temporal.mtls.existingSecret }}
- name: temporal-mtls
  mountPath: /run/waymark/temporal
  readOnly: true
{{- end }}
{{- end }}

{{- define "waymark.tmp" -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ .tmpSize }}
{{- end }}

{{- define "waymark.mtls" -}}
{{- with .Values.temporal.mtls }}
{{- if .existingSecret -}}
- name: temporal-mtls
  secret:
    secretName: {{ .existingSecret | quote }}
    defaultMode: 0440
    items:
      - key: {{ .certificateKey | quote }}
        path: tls.crt
      - key: {{ .privateKeyKey | quote }}
        path: tls.key
      {{- if .authorityKey }}
      - key: {{ .authorityKey | quote }}
        path: ca.crt
      {{- end }}
{{- end }}
{{- end }}
{{- end }}
