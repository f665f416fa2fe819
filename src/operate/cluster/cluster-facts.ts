import type { Pod } from '../../domain/pod.ts'
import type { NodeFacts } from '../../domain/resize/admission/admission.ts'
import type { Clock } from '../clock.ts'
import type { KubeVersion } from '../../domain/kube-version.ts'
import type { KubeletSight } from './kubelet-policies.ts'

/** One node with everything on it, for a verdict before a resize is asked for. */
export interface NodePicture {
  readonly name: string
  readonly node: NodeFacts
  /** How its kubelet is configured. */
  readonly kubelet: KubeletSight
  /** The rules that the node follows, where it says; else the server's. */
  readonly version?: KubeVersion
  /** Every pod of the node, in any namespace. */
  readonly pods: readonly Pod[]
}

/** A part of the cluster that this user may not see, or that is not there. */
export interface Unseen {
  readonly kind: 'unseen'
  readonly why: string
}

export type NodeSight = { readonly kind: 'seen'; readonly seen: NodePicture } | Unseen

/** Reads what surrounds a pod. Calls throw only when no answer can be had at all. */
export interface ClusterFacts {
  version(signal: AbortSignal): Promise<KubeVersion>
  node(name: string, signal: AbortSignal): Promise<NodeSight>
}

/** The pod's node; a pod that has none yet is on none that could be seen. */
export async function nodeOf(
  facts: ClusterFacts,
  pod: Pod,
  signal: AbortSignal,
): Promise<NodeSight> {
  const { nodeName } = pod.spec
  if (nodeName === undefined) return { kind: 'unseen', why: 'the pod is not on a node yet' }
  return facts.node(nodeName, signal)
}

/** The same facts, each asked for once: for one picture of many pods. */
export function askedOnce(facts: ClusterFacts): ClusterFacts {
  return rememberedFor(facts, Infinity, { now: () => 0 })
}

/** Facts that are asked for again when they are too old. */
export interface RememberedFacts extends ClusterFacts {
  /** Has every node asked for again. */
  forget(): void
}

/** The same facts, nodes asked for again after `ms`: what is around pods changes slowly. A failure is not kept. */
export function rememberedFor(
  facts: ClusterFacts,
  ms: number,
  clock: Pick<Clock, 'now'>,
): RememberedFacts {
  let version: Promise<KubeVersion> | undefined
  const nodes = new Map<string, { readonly at: number; readonly sight: Promise<NodeSight> }>()
  return {
    version: (signal) => (version ??= facts.version(signal)),
    node(name, signal) {
      const known = nodes.get(name)
      if (known !== undefined && clock.now() - known.at <= ms) return known.sight
      const sight = facts.node(name, signal)
      nodes.set(name, { at: clock.now(), sight })
      sight.catch(() => void nodes.delete(name))
      return sight
    },
    forget: () => nodes.clear(),
  }
}
