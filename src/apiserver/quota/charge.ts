import type { ResourceList } from '../../domain/pod.ts'
import { objectUsage } from '../admission/quota/quota-usage.ts'
import {
  checkPodQuota,
  chargeQuotas as chargeObject,
  increase,
  type QuotaDecision,
} from '../admission/quota/resource-quota.ts'
import type { Call } from '../call.ts'
import { resourceId } from '../kind/kind.ts'
import { asJson, asPod, type KubeObject } from '../kube-object.ts'
import { isDryRun } from '../query/dry-run.ts'
import { forbidden } from '../status-error.ts'
import type { Change } from '../store/store.ts'
import { asQuota, quotas } from './quota-object.ts'

/**
 * Charges the namespace's quotas for a new object, or for `old` becoming `object`.
 * To be called while that write is being decided: the quotas' new status goes into
 * the same commit, so nothing is used that was not charged.
 *
 * @throws StatusError 403 when a quota has no room, or asks for what a pod leaves unset.
 */
export function chargeQuotas(call: Call, object: KubeObject, old?: KubeObject): void {
  const { kind } = call.target
  const { name, namespace } = object.metadata
  if (!kind.namespaced || namespace === undefined) return
  const found = call.server.store.listLatest(quotas, `${namespace}/`)
  if (found.length === 0) return
  const known = found.map((stored) => asQuota(stored.object))
  const usage = (one: KubeObject) => objectUsage(resourceId(kind), asJson(one))
  const decision: QuotaDecision =
    resourceId(kind) === 'pods'
      ? checkPodQuota(asPod(object), old && asPod(old), known, call.server.now())
      : chargeObject(increase(usage(object), old === undefined ? {} : usage(old)), known)
  switch (decision.kind) {
    case 'forbidden':
      throw forbidden(kind, name, decision.message)
    case 'allowed':
      if (!isDryRun(call)) writeUsed(call, namespace, decision.used)
      return
    default:
      decision satisfies never
  }
}

function writeUsed(call: Call, namespace: string, used: ReadonlyMap<string, ResourceList>): void {
  for (const [name, list] of used) {
    const write = call.server.store.write(quotas, `${namespace}/${name}`, (latest): Change => {
      if (latest === undefined) return { kind: 'keep' }
      const { object } = latest
      const status = { ...asQuota(object).status, used: list }
      return { kind: 'put', object: { ...object, status } }
    })
    // It is in one commit with the object that is charged; whoever writes that is told.
    write.catch(() => undefined)
  }
}
