import type { ObjectMeta, ResourceList } from '../../domain/pod.ts'
import type { NodeFacts } from '../../domain/resize/admission/admission.ts'
import { defaultVersion, parseKubeVersion } from '../../domain/kube-version.ts'
import { jsonAnswer } from '../../kube/client/json-answer.ts'
import type { KubeClient } from '../../kube/client/kube-client.ts'
import { isKubeError } from '../../kube/client/kube-error.ts'
import { listAll } from '../../kube/client/list-all.ts'
import { nodes, pods } from '../../kube/object/resource.ts'
import { allInOrder } from '../../operate/all-in-order.ts'
import type { ClusterFacts, Unseen } from '../../operate/cluster/cluster-facts.ts'
import { abilitiesOf } from '../../operate/cluster/kubelet-policies.ts'
import { readKubelet } from './kube-kubelet.ts'

interface Node {
  readonly metadata: ObjectMeta
  readonly status?: {
    readonly allocatable?: ResourceList
    readonly capacity?: ResourceList
    readonly nodeInfo?: { readonly kubeletVersion?: string; readonly operatingSystem?: string }
  }
}

/** What surrounds a pod, read through a Kubernetes API client. */
export function kubeClusterFacts(client: KubeClient): ClusterFacts {
  return {
    async version(signal) {
      try {
        const response = await client.request({ method: 'GET', path: '/version', signal })
        type Version = { readonly gitVersion?: string }
        const { gitVersion = '' } = await jsonAnswer<Version>(response, client.server, signal)
        return parseKubeVersion(gitVersion) ?? defaultVersion
      } catch (error) {
        if (isNotForUs(error)) return defaultVersion
        throw error
      }
    },
    async node(name, signal) {
      try {
        const fieldSelector = `spec.nodeName=${name}`
        const [node, all, kubelet] = await allInOrder([
          client.get(nodes, { name }, { signal }) as Promise<Node>,
          listAll(client, pods, { fieldSelector, signal }),
          readKubelet(client, name, signal),
        ])
        const version = parseKubeVersion(node.status?.nodeInfo?.kubeletVersion ?? '')
        return {
          kind: 'seen',
          seen: {
            name,
            node: { ...nodeFacts(node), ...('why' in kubelet ? {} : abilitiesOf(kubelet)) },
            kubelet,
            pods: all.items,
            ...(version === undefined ? {} : { version }),
          },
        }
      } catch (error) {
        return unseen(error, name)
      }
    },
  }
}

function nodeFacts({ status }: Node): NodeFacts {
  const { allocatable = {}, capacity, nodeInfo } = status ?? {}
  const os = nodeInfo?.operatingSystem
  return { allocatable, ...(capacity && { capacity }), ...(os && { os }) }
}

function isNotForUs(error: unknown): boolean {
  return isKubeError(error) && (error.code === 403 || error.code === 404)
}

/** A missing permission leaves the node out of the verdict; everything else is an error. */
function unseen(error: unknown, node: string): Unseen {
  if (!isNotForUs(error)) throw error
  const why = error instanceof Error ? error.message : ''
  return { kind: 'unseen', why: `node ${node} and its pods cannot be seen: ${why}` }
}
