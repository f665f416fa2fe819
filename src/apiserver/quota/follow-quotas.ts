import type { Pod } from '../../domain/pod.ts'
import type { QuantityList } from '../../domain/quantity/quantity-list.ts'
import { objectUsage } from '../admission/quota/quota-usage.ts'
import { quotaUsed } from '../admission/quota/resource-quota.ts'
import { BackgroundTasks } from '../background-tasks.ts'
import type { ServerParts } from '../call.ts'
import { resourceId } from '../kind/kind.ts'
import { asJson, asPod, type KubeObject } from '../kube-object.ts'
import { sameJson } from '../schema/same-json.ts'
import type { Change, Store } from '../store/store.ts'
import { asQuota, quotas } from './quota-object.ts'

/** How often all is counted again, as by default in kube-controller-manager: time passes, too. */
const resyncMs = 5 * 60_000
/** Changes that come within this time are counted together. */
const pauseMs = 100

/**
 * Keeps the status of quotas true, until the returned function is called: what is
 * used less is given back, and a changed quota is counted anew. What is used more
 * was charged before (`chargeQuotas`).
 */
export function followQuotas(server: ServerParts): () => void {
  const { store, kinds } = server
  const resources = kinds
    .all()
    .filter((kind) => kind.namespaced && kind.storedAs === undefined)
    .map(resourceId)
  const waiting = new Map<string, NodeJS.Timeout>()
  const tasks = new BackgroundTasks(server.tellFailure)
  const consider = (namespace: string) => {
    if (waiting.has(namespace) || store.collection(quotas).list(`${namespace}/`).length === 0) {
      return
    }
    const timer = setTimeout(() => {
      waiting.delete(namespace)
      for (const { key } of store.collection(quotas).list(`${namespace}/`)) {
        tasks.run(`the status of quota ${key}`, () => recount(server, resources, key))
      }
    }, pauseMs)
    waiting.set(namespace, timer.unref())
  }
  const unlisten = resources.map((resource) =>
    store
      .collection(resource)
      .listen(({ current }) => consider(current.object.metadata.namespace ?? '')),
  )
  const considerAll = () => {
    for (const { object } of store.collection(quotas).list('')) {
      consider(object.metadata.namespace ?? '')
    }
  }
  considerAll()
  const resync = setInterval(considerAll, resyncMs).unref()
  return () => {
    clearInterval(resync)
    tasks[Symbol.dispose]()
    for (const stop of unlisten) stop()
    for (const timer of waiting.values()) clearTimeout(timer)
  }
}

async function recount(
  server: ServerParts,
  resources: readonly string[],
  key: string,
): Promise<void> {
  await server.store.write(quotas, key, (latest): Change => {
    if (latest === undefined) return { kind: 'keep' }
    const object = withStatus(server, resources, latest.object)
    return sameJson(asJson(latest.object), asJson(object))
      ? { kind: 'keep' }
      : { kind: 'put', object }
  })
}

/** A quota whose status says what the namespace uses now, staged writes included. */
export function withStatus(
  { store, now }: Pick<ServerParts, 'store' | 'now'>,
  resources: readonly string[],
  object: KubeObject,
): KubeObject {
  const quota = asQuota(object)
  const prefix = `${object.metadata.namespace}/`
  const pods: Pod[] = store.listLatest('pods', prefix).map((one) => asPod(one.object))
  const others: QuantityList[] = resources
    .filter((resource) => resource !== 'pods')
    .flatMap((resource) => usagesOf(store, resource, prefix))
  const used = quotaUsed(quota, pods, now(), others)
  return { ...object, status: { hard: quota.spec?.hard ?? {}, used } }
}

function usagesOf(store: Store, resource: string, prefix: string): readonly QuantityList[] {
  return store
    .listLatest(resource, prefix)
    .map(({ object }) => objectUsage(resource, asJson(object)))
}
