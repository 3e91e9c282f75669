{{/* SPDX-License-Identifier: Apache-2.0 */}}
{{- define "carovana.image" -}}
{{- with .Values.image -}}
{{- required "image.repository is empty: expected the image as you have pushed it, without tag and digest" .repository -}}
{{- with .tag }}:{{ . }}{{ end -}}
{{- with .digest }}@{{ . }}{{ end -}}
{{- end -}}
{{- end -}}

{{/*
`helm test`: waits until a Service answers. Only pods that are ready are behind it: a controller whose reconcilers run, a gateway
that knows all routes, so has the controller.
*/}}
{{- define "carovana.test" -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .service }}-test
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  restartPolicy: Never
  activeDeadlineSeconds: 120
  automountServiceAccountToken: false
  enableServiceLinks: false
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
          - matchExpressions: [{key: liqo.io/type, operator: DoesNotExist}]
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: ask
      image: {{ include "carovana.image" .root }}
      command: [bash, -c, 'until (exec 3<>/dev/tcp/{{ .service }}/80) 2>/dev/null; do sleep 1; done']
      securityContext:
        allowPrivilegeEscalation: false
        capabilities: {drop: [ALL]}
        readOnlyRootFilesystem: true
{{- end -}}
