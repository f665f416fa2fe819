import { timestamp } from '../../domain/timestamp.ts'
import { answerDeleted, answerObject } from '../answer/answer.ts'
import { nameOf, type Call } from '../call.ts'
import { isHeld, objectKey, resourceId, type Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { withPropagation } from '../meta/propagation.ts'
import { notFound } from '../status-error.ts'
import type { Change } from '../store/store.ts'
import { readDeleteOptions, type DeleteOptions } from './delete-options.ts'
import { checkDeletable } from './preconditions.ts'
import { writeFor } from './write-for.ts'

/** DELETE of one object. */
export async function deleteObject(call: Call): Promise<Response> {
  const options = await readDeleteOptions(call)
  const { object, removed } = await removeObject(call, nameOf(call), options)
  return removed && !call.target.kind.answersDeleted
    ? answerDeleted(call, object)
    : answerObject(call, object)
}

/** Removes the object, or marks it when it has time or finalizers left. */
export async function removeObject(
  call: Call,
  name: string,
  options: DeleteOptions,
): Promise<{ readonly object: KubeObject; readonly removed: boolean }> {
  const { kind, namespace } = call.target
  const key = objectKey(kind, namespace, name)
  let wanted: Change = { kind: 'keep' }
  const stored = await writeFor(call, resourceId(kind), key, (latest): Change => {
    if (latest === undefined) throw notFound(kind, name)
    checkDeletable(kind, latest.object.metadata, options)
    kind.admitDelete?.(latest.object, call)
    wanted = deletion(kind, latest.object, options, call.server.now())
    return options.dryRun ? { kind: 'keep' } : wanted
  })
  if (stored === undefined) throw notFound(kind, name)
  // A dry run shows what would be, as of the version that is there.
  const object = options.dryRun ? (changed(wanted) ?? stored.object) : stored.object
  return { object, removed: isRemoval(wanted) }
}

function isRemoval(change: Change): boolean {
  return change.kind === 'remove'
}

/** What the change makes of the object; undefined where it stays as it is. */
function changed(change: Change): KubeObject | undefined {
  return change.kind === 'keep' ? undefined : change.object
}

/**
 * What a deletion does to an object, as kube-apiserver's BeforeDelete decides it.
 * The first graceful deletion counts as a change of the spec; a later one can
 * only shorten the time, and only then say anew what becomes of its dependents.
 *
 * @param now in milliseconds since 1970.
 */
export function deletion(
  kind: Kind,
  given: KubeObject,
  { gracePeriodSeconds: asked, propagation }: Omit<DeleteOptions, 'dryRun'>,
  now: number,
): Change {
  const { deletionTimestamp, deletionGracePeriodSeconds: before, generation } = given.metadata
  const object = { ...given, metadata: withPropagation(given.metadata, propagation) }
  const held = isHeld(kind, object)
  const grace = kind.gracePeriod?.(object, asked) ?? 0
  if (deletionTimestamp === undefined) {
    if (grace === 0 && !held) return { kind: 'remove', object }
    const marked = {
      ...object.metadata,
      deletionTimestamp: timestamp(now + grace * 1000),
      deletionGracePeriodSeconds: grace,
      ...(generation === undefined || generation === 0 ? {} : { generation: generation + 1 }),
    }
    const leaving = kind.prepareDelete?.(object) ?? object
    return { kind: 'put', object: { ...leaving, metadata: marked } }
  }
  const left = before ?? 0
  const shorter = asked === undefined ? left : Math.min(left, Math.max(asked, 0))
  if (shorter === 0 && !isHeld(kind, shorter === left ? given : object)) {
    return { kind: 'remove', object }
  }
  if (shorter === left) return { kind: 'keep' }
  const begun = Date.parse(deletionTimestamp) - left * 1000
  // A grace that ends too late to be written does not tell when it began.
  const start = begun < 0 ? now : begun
  const metadata = {
    ...object.metadata,
    deletionTimestamp: timestamp(start + shorter * 1000),
    deletionGracePeriodSeconds: shorter,
  }
  return { kind: 'put', object: { ...object, metadata } }
}
