import type { Sources } from '../../domain/lifecycle/environment.ts'
import { readySandbox } from '../../domain/lifecycle/observed.ts'
import type { Pod } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'

/** The addresses of a pod: those of its sandbox, or the node's own. */
export function podIPsOf({ observed, machine }: NodeContext, pod: Pod): readonly string[] {
  if (pod.spec.hostNetwork === true) return [machine.address]
  return readySandbox(observed.get(pod.metadata.uid ?? ''))?.ips ?? []
}

/**
 * What the pod's environment and volumes are made from.
 *
 * @param pod with the allocated resources in its spec.
 */
export function sourcesOf(context: NodeContext, pod: Pod): Sources {
  const { machine, allocatable, objects, tokens, apiForPods } = context
  return {
    pod,
    allocatable,
    ...(apiForPods && { api: apiForPods }),
    lookUp: objects.lookUp(pod),
    token: (wish) => tokens.get(pod.metadata.uid ?? '', wish),
    place: {
      nodeName: pod.spec.nodeName ?? '',
      hostIP: machine.address,
      podIPs: podIPsOf(context, pod),
    },
  }
}
