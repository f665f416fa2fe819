import { timestamp } from '../domain/timestamp.ts'
import type { ServerParts } from './call.ts'
import type { KubeObject } from './kube-object.ts'
import { priorityClasses, systemClasses } from './pods/priority.ts'
import { firstClusterIp } from './services/allocate.ts'
import type { Change } from './store/store.ts'

/**
 * Makes the objects that every cluster has, where they are missing: the priority
 * classes of the system, and the service by which pods find the API server.
 */
export async function makeInitialObjects(server: ServerParts): Promise<void> {
  const classes = Object.entries(systemClasses).map(([name, value]) =>
    ensure(server, priorityClasses, name, {
      kind: 'PriorityClass',
      apiVersion: 'scheduling.k8s.io/v1',
      metadata: { name },
      value,
      preemptionPolicy: 'PreemptLowerPriority',
      description: 'Used for system critical pods that must not be moved from their current node.',
    } as KubeObject),
  )
  await Promise.all([...classes, ensure(server, 'services', 'default/kubernetes', service)])
}

/** Nothing answers at a cluster address here; clients only expect to find it. */
const service: KubeObject = {
  kind: 'Service',
  apiVersion: 'v1',
  metadata: {
    name: 'kubernetes',
    namespace: 'default',
    labels: { component: 'apiserver', provider: 'kubernetes' },
  },
  spec: {
    clusterIP: firstClusterIp,
    clusterIPs: [firstClusterIp],
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
    sessionAffinity: 'None',
    type: 'ClusterIP',
  },
  status: { loadBalancer: {} },
}

async function ensure(
  { store, now }: ServerParts,
  resource: string,
  key: string,
  object: KubeObject,
): Promise<void> {
  await store.write(resource, key, (latest): Change => {
    if (latest !== undefined) return { kind: 'keep' }
    const metadata = {
      ...object.metadata,
      uid: crypto.randomUUID(),
      creationTimestamp: timestamp(now()),
    }
    return { kind: 'put', object: { ...object, metadata } }
  })
}
