import type { KubeClient } from '../kube/kube-client.ts'
import { isKubeError } from '../kube/kube-error.ts'
import type { KubeletPolicies, KubeletSight } from '../operate/kubelet-policies.ts'

/** A kubelet that cannot be reached must not hold up what is only better known with it. */
const answerWithinMs = 5000

interface Configz {
  readonly kubeletconfig?: KubeletPolicies & { readonly memorySwap?: { swapBehavior?: string } }
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
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)])
  try {
    const path = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/configz`
    const response = await client.request({ method: 'GET', path, signal: deadline })
    const { kubeletconfig = {} } = (await response.json()) as Configz
    const { memorySwap, ...policies } = kubeletconfig
    const swapBehavior = memorySwap?.swapBehavior
    return { ...policies, ...(swapBehavior === undefined ? {} : { swapBehavior }) }
  } catch (error) {
    signal.throwIfAborted()
    if (deadline.aborted) return { why: `it does not answer within ${answerWithinMs / 1000} s` }
    if (isKubeError(error) || error instanceof SyntaxError) return { why: error.message }
    throw error
  }
}
