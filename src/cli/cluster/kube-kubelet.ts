import type { KubeClient } from '../../kube/client/kube-client.ts'
import type {
  KubeletOf,
  KubeletPolicies,
  KubeletSight,
} from '../../operate/cluster/kubelet-policies.ts'

/** A kubelet that cannot be reached must not hold up what is only better known with it. */
const answerWithinMs = 5000

interface Configz {
  readonly kubeletconfig?: Omit<KubeletPolicies, 'swapBehavior' | 'cgroupVersion'> & {
    readonly memorySwap?: { readonly swapBehavior?: string }
    /** It does not start on cgroup v1: the default from 1.35 on. */
    readonly failCgroupV1?: boolean
  }
}

/**
 * A kubelet's running configuration, by the API server's proxy (get on nodes/proxy).
 *
 * @throws only the reason of `signal`.
 */
export async function readKubelet(
  client: KubeClient,
  node: string,
  signal: AbortSignal,
): Promise<KubeletSight> {
  const answer = await proxied(client, node, 'configz', signal)
  if (typeof answer !== 'string') return answer
  try {
    const { kubeletconfig = {} } = JSON.parse(answer) as Configz
    const { memorySwap, failCgroupV1, ...policies } = kubeletconfig
    const swapBehavior = memorySwap?.swapBehavior
    return {
      ...policies,
      ...(swapBehavior !== undefined && { swapBehavior }),
      ...(failCgroupV1 === true && { cgroupVersion: 'v2' as const }),
    }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

/** The same, each kubelet asked once: a run of many pods meets the same ones again. */
export function kubeletsAskedOnce(client: KubeClient): KubeletOf {
  const known = new Map<string, Promise<KubeletSight>>()
  return (node, signal) => {
    const sight = known.get(node) ?? readKubelet(client, node, signal)
    known.set(node, sight)
    sight.catch(() => known.delete(node))
    return sight
  }
}

/**
 * The same with the cgroup version, which a kubelet since 1.31 tells in its metrics: a long
 * answer, for one number.
 */
export async function readKubeletWithCgroups(
  client: KubeClient,
  node: string,
  signal: AbortSignal,
): Promise<KubeletSight> {
  const kubelet = await readKubelet(client, node, signal)
  if ('why' in kubelet || kubelet.cgroupVersion !== undefined) return kubelet
  const metrics = await proxied(client, node, 'metrics', signal)
  if (typeof metrics !== 'string') return kubelet
  const [, number] = /^kubelet_cgroup_version(?:\{[^}]*\})? ([12])$/m.exec(metrics) ?? []
  return number === undefined
    ? kubelet
    : { ...kubelet, cgroupVersion: number === '1' ? 'v1' : 'v2' }
}

/** What the kubelet answers at `path`, or why it does not. */
async function proxied(
  client: KubeClient,
  node: string,
  path: string,
  signal: AbortSignal,
): Promise<string | { readonly why: string }> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)])
  try {
    const whole = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/${path}`
    const response = await client.request({ method: 'GET', path: whole, signal: deadline })
    return await response.text()
  } catch (error) {
    signal.throwIfAborted()
    if (deadline.aborted) return { why: `it does not answer within ${answerWithinMs / 1000} s` }
    // An answer that is cut off is an error of its stream.
    return { why: error instanceof Error ? error.message : String(error) }
  }
}
