import type { Pod } from '../../domain/pod.ts'
import type { Selection } from '../../kube/client/kube-client.ts'
import { pods } from '../../kube/object/resource.ts'
import { startInformer, type Informer } from '../../kube/watch/informer.ts'
import type { PodClient } from '../../operate/cluster/pod-client.ts'
import type { Cluster } from '../cluster/connection.ts'
import { readTargets, type PodTargets } from '../cluster/targets.ts'
import { isOf } from '../cluster/workload-target.ts'

/** A watch that broke is soon tried again: until then the pods are those of before. */
const backOff = { firstMs: 250, maxMs: 2000 }

/** The pods that are meant, kept up to date by a watch instead of by asking again. */
export interface FollowedPods {
  /**
   * The pods as they are now.
   *
   * @throws as `readTargets`: also if a named one is gone, or the API server does not answer.
   */
  now(): Promise<readonly Pod[]>
  /** One of them as it is now. */
  read: PodClient['read']
  /** Resolves when they are others than `now` said last, or when `signal` aborts. */
  untilChanged(signal: AbortSignal): Promise<void>
}

function selectionsOf(targets: PodTargets, namespace: string): readonly Selection[] {
  if (targets.kind === 'named') {
    return targets.names.map((name) => ({ namespace, fieldSelector: `metadata.name=${name}` }))
  }
  const { labelSelector, allNamespaces } = targets
  return [{ ...(allNamespaces ? {} : { namespace }), labelSelector }]
}

/**
 * Follows the pods until `signal` aborts. While the watch is broken they are asked for
 * instead, so that a server that does not answer is seen.
 */
export function followPods(
  cluster: Pick<Cluster, 'client' | 'pods' | 'namespace'>,
  targets: PodTargets,
  signal: AbortSignal,
): FollowedPods {
  const told = new EventTarget()
  let changes = 0
  let seen = -1
  let isSynced = false
  let broken = false
  const change = () => {
    changes += 1
    told.dispatchEvent(new Event('change'))
  }
  const informers: readonly Informer<Pod>[] = selectionsOf(targets, cluster.namespace).map(
    (selection) =>
      startInformer<Pod>({
        client: cluster.client,
        resource: pods,
        selection,
        handlers: { onAdd: change, onUpdate: change, onDelete: change },
        signal,
        onError() {
          broken = true
        },
        backOff,
      }),
  )
  Promise.all(informers.map(({ synced }) => synced)).then(
    () => (isSynced = true),
    // It ended before.
    () => undefined,
  )
  const isKnown = () => isSynced && !broken

  return {
    async now() {
      seen = changes
      const known = isKnown() ? cachedTargets(informers, targets, cluster.namespace) : undefined
      if (known !== undefined) return known
      const asked = await readTargets(cluster, targets, 'verify', signal)
      broken = false
      return asked
    },
    async read(ref, call) {
      const key = `${ref.namespace}/${ref.name}`
      const known = informers.find(({ cache }) => cache.has(key))?.cache.get(key)
      if (known !== undefined && isKnown()) return { kind: 'pod', pod: known }
      return cluster.pods.read(ref, call)
    },
    async untilChanged(until) {
      if (changes !== seen) return
      const changed = Promise.withResolvers<void>()
      const done = () => changed.resolve()
      told.addEventListener('change', done)
      until.addEventListener('abort', done)
      if (until.aborted) done()
      await changed.promise
      told.removeEventListener('change', done)
      until.removeEventListener('abort', done)
    },
  }
}

/** In the order of `readTargets`; undefined if a named pod is not there, which is for it to say. */
function cachedTargets(
  informers: readonly Informer<Pod>[],
  targets: PodTargets,
  namespace: string,
): readonly Pod[] | undefined {
  if (targets.kind === 'named') {
    const found = targets.names.map((name, index) =>
      informers[index]?.cache.get(`${namespace}/${name}`),
    )
    return found.every((pod) => pod !== undefined) ? found : undefined
  }
  const [only] = informers
  const byKey = [...(only?.cache ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return byKey.map(([, pod]) => pod).filter((pod) => isOf(pod, targets.ownedBy))
}
