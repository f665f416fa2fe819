import type { ObjectMeta, ResourceList } from '../domain/pod.ts'
import { defaultVersion, parseKubeVersion } from '../domain/resize/kube-version.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import { isKubeError } from '../kube/kube-error.ts'
import { listAll } from '../kube/list-all.ts'
import { nodes, pods } from '../kube/resource.ts'
import type { ClusterFacts, NodeNeighbourhood, Unseen } from '../operate/cluster-facts.ts'

interface Node {
  readonly metadata: ObjectMeta
  readonly status?: { readonly allocatable?: ResourceList; readonly capacity?: ResourceList }
}

/** What surrounds a pod, read through a Kubernetes API client. */
export function kubeClusterFacts(client: KubeClient): ClusterFacts {
  return {
    async version(signal) {
      const response = await client.request({ method: 'GET', path: '/version', signal })
      const { gitVersion = '' } = (await response.json()) as { gitVersion?: string }
      return parseKubeVersion(gitVersion) ?? defaultVersion
    },
    async around(pod, signal) {
      const name = pod.spec.nodeName
      if (name === undefined) return { kind: 'unseen', why: 'the pod is not on a node yet' }
      try {
        const fieldSelector = `spec.nodeName=${name}`
        const [node, all] = await Promise.all([
          client.get(nodes, { name }, { signal }) as Promise<Node>,
          listAll(client, pods, { fieldSelector, signal }),
        ])
        const others = all.items.filter(({ metadata }) => metadata.uid !== pod.metadata.uid)
        return { kind: 'seen', seen: { node: nodeFacts(node), others } }
      } catch (error) {
        return unseen(error, name)
      }
    },
  }
}

function nodeFacts({ status }: Node): NodeNeighbourhood['node'] {
  const { allocatable = {}, capacity } = status ?? {}
  return { allocatable, ...(capacity === undefined ? {} : { capacity }) }
}

/** A missing permission leaves the node out of the verdict; everything else is an error. */
function unseen(error: unknown, node: string): Unseen {
  if (!isKubeError(error) || (error.code !== 403 && error.code !== 404)) throw error
  return { kind: 'unseen', why: `node ${node} and its pods cannot be seen: ${error.message}` }
}
