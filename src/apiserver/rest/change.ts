import { invalid as invalidField } from '../../domain/field-error.ts'
import { answerObject, answerStored } from '../answer/answer.ts'
import { nameOf, type Call } from '../call.ts'
import { isReleased, objectKey, resourceId, type Kind } from '../kind/kind.ts'
import { kept, shown } from '../kind/other-form.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import { isDryRun } from '../query/dry-run.ts'
import { sameJson } from '../schema/same-json.ts'
import { conflict, invalid, notFound, staleObject } from '../status-error.ts'
import type { Change } from '../store/store.ts'
import { checkPreconditions } from './preconditions.ts'
import { withoutRepeatedOwners } from './repeated-owners.ts'
import { writeFor } from './write-for.ts'

/** What the client wants the object to be, from what it is. */
export type Submit = (old: KubeObject) => KubeObject

/**
 * What becomes of a submitted object: the parts that this endpoint may change
 * taken over, checked. Throws a StatusError to refuse.
 */
export type Accept = (call: Call, old: KubeObject, submitted: KubeObject) => KubeObject

/**
 * The one way to change an object, for PUT and PATCH of the object and its
 * subresources: optimistic locking, no write when nothing changed, removal when
 * the last finalizer went, dry run.
 */
export async function changeObject(call: Call, submit: Submit, accept: Accept): Promise<Response> {
  const { kind, namespace } = call.target
  const name = nameOf(call)
  const dryRun = isDryRun(call)
  let outcome: KubeObject | undefined
  const key = objectKey(kind, namespace, name)
  const stored = await writeFor(call, resourceId(kind), key, (latest): Change => {
    if (latest === undefined) throw notFound(kind, name)
    const old = shown(kind, latest.object)
    const submitted = identified(call, old, submit(old))
    const next = accept(call, old, submitted)
    outcome = next
    if (dryRun || sameJson(asJson(old), asJson(next))) return { kind: 'keep' }
    const object = kept(kind, next)
    return isReleased(kind, old, next) ? { kind: 'remove', object } : { kind: 'put', object }
  })
  if (dryRun && outcome !== undefined) return answerObject(call, outcome)
  if (stored === undefined) throw notFound(kind, name)
  return answerStored(call, stored)
}

/** Checks that the submitted object is what is stored under its name, in the version that is stored. */
function identified(call: Call, old: KubeObject, submitted: KubeObject): KubeObject {
  const { kind } = call.target
  const { metadata } = submitted
  checkVersion(kind, old, metadata.resourceVersion ?? '')
  checkPreconditions(kind, old.metadata, { uid: metadata.uid ?? '' })
  const once = withoutRepeatedOwners(call, metadata)
  return once === metadata ? submitted : { ...submitted, metadata: once }
}

/** Optimistic locking: no version stands for the latest one, where the kind lets it. */
function checkVersion(kind: Kind, old: KubeObject, version: string): void {
  const { name } = old.metadata
  if (version === '' || version === '0') {
    if (kind.unconditionalUpdate ?? true) return
    // Kubernetes fills in the resource where the kind belongs.
    const subject = { group: kind.group, kind: kind.plural }
    const why = 'must be specified for an update'
    throw invalid(subject, name, [invalidField('metadata.resourceVersion', 0, why)])
  }
  if (version !== old.metadata.resourceVersion) throw conflict(kind, name, staleObject)
}
