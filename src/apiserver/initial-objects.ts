import { BackgroundTasks } from './background-tasks.ts'
import type { ServerParts } from './call.ts'
import { ensureObject } from './ensure-object.ts'
import type { KubeObject } from './kube-object.ts'
import { priorityClasses, systemClasses } from './pods/priority.ts'
import { firstClusterIp } from './services/allocate.ts'

/**
 * Makes the objects that every cluster has, where they are missing: the priority
 * classes of the system, and the service by which pods find the API server.
 */
export async function makeInitialObjects(server: ServerParts): Promise<void> {
  const classes = Object.entries(systemClasses).map(([name, value]) =>
    ensureObject(server, priorityClasses, {
      kind: 'PriorityClass',
      apiVersion: 'scheduling.k8s.io/v1',
      metadata: { name },
      value,
      preemptionPolicy: 'PreemptLowerPriority',
      description: 'Used for system critical pods that must not be moved from their current node.',
    } as KubeObject),
  )
  await Promise.all([...classes, ensureObject(server, 'services', service)])
}

/**
 * Makes the service by which clients in pods find the API server again when somebody has deleted
 * it, until the returned function is called.
 */
export function keepInitialService(server: ServerParts): () => void {
  const tasks = new BackgroundTasks(server.tellFailure)
  const unlisten = server.store.collection('services').listen(({ type, current }) => {
    if (type !== 'DELETED' || current.key !== 'default/kubernetes') return
    tasks.run('the service kubernetes', () => ensureObject(server, 'services', service))
  })
  return () => {
    tasks[Symbol.dispose]()
    unlisten()
  }
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
