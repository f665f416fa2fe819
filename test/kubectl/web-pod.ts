import type { Pod } from '../../src/domain/pod.ts'
import { createKubectl, type Kubectl, type KubectlVersion } from '../support/kubectl.ts'

export const kubectlVersions: readonly KubectlVersion[] = ['1.32', '1.36']

/** Serves a page at port 8080, prints a line each 100 ms and ends at once when told to. */
export function webPod(name: string, labels: Record<string, string> = { app: name }): Pod {
  const script = [
    'trap "exit 0" TERM',
    'mkdir -p /www && echo "hello from $HOSTNAME" >/www/index.html && httpd -p 8080 -h /www',
    'i=0; while :; do i=$((i + 1)); echo "line $i"; sleep 0.1; done',
  ].join('; ')
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', script],
          ports: [{ containerPort: 8080 }],
          resources: {
            requests: { cpu: '100m', memory: '32Mi' },
            limits: { cpu: '200m', memory: '64Mi' },
          },
        },
      ],
    },
  }
}

/** kubectl of that version that works in a namespace of its own, which is made. */
export async function kubectlIn(
  kubeconfig: string,
  version: KubectlVersion,
  namespace: string,
): Promise<Kubectl> {
  const kubectl = createKubectl(kubeconfig, version)
  await kubectl.run(['create', 'namespace', namespace])
  return createKubectl(kubeconfig, version, namespace)
}
