import type { KubeMeta } from '../kube-object.ts'

/** What is to become of the objects that a deleted one owns. */
export const propagations = ['Foreground', 'Background', 'Orphan'] as const

export type Propagation = (typeof propagations)[number]

/** Holds a deleted object until its dependents have lost it as an owner. */
export const orphanFinalizer = 'orphan'
/** Holds a deleted object until the dependents that block its deletion are gone. */
export const foregroundFinalizer = 'foregroundDeletion'

type Finalized = Pick<KubeMeta, 'finalizers' | 'deletionTimestamp'>

/** Whether it is being deleted and waits for its dependents. */
export function awaitsDependents({ deletionTimestamp, finalizers = [] }: Finalized): boolean {
  return deletionTimestamp !== undefined && finalizers.includes(foregroundFinalizer)
}

/** Whether it is being deleted and leaves its dependents behind. */
export function orphansDependents({ deletionTimestamp, finalizers = [] }: Finalized): boolean {
  return deletionTimestamp !== undefined && finalizers.includes(orphanFinalizer)
}

/**
 * The metadata with the finalizer that `asked` needs and without the other one. Where the
 * client does not say, a finalizer that is there says it.
 *
 * @see Kubernetes apiserver pkg/registry/generic/registry/store.go,
 *   deletionFinalizersForGarbageCollection
 */
export function withPropagation<T extends Finalized>(meta: T, asked: Propagation | undefined): T {
  const finalizers = meta.finalizers ?? []
  const wanted = finalizerFor(asked) ?? (asked === undefined ? finalizers.find(isOurs) : undefined)
  if (finalizers.filter(isOurs).join() === (wanted ?? '')) return meta
  const others = finalizers.filter((one) => !isOurs(one))
  return withFinalizers(meta, wanted === undefined ? others : [...others, wanted])
}

export function withoutFinalizer<T extends Finalized>(meta: T, finalizer: string): T {
  return withFinalizers(
    meta,
    (meta.finalizers ?? []).filter((one) => one !== finalizer),
  )
}

function withFinalizers<T extends Finalized>(meta: T, finalizers: readonly string[]): T {
  const { finalizers: _finalizers, ...rest } = meta
  return (finalizers.length === 0 ? rest : { ...rest, finalizers }) as T
}

function isOurs(finalizer: string): boolean {
  return finalizer === orphanFinalizer || finalizer === foregroundFinalizer
}

function finalizerFor(asked: Propagation | undefined): string | undefined {
  switch (asked) {
    case 'Orphan':
      return orphanFinalizer
    case 'Foreground':
      return foregroundFinalizer
    case 'Background':
    case undefined:
      return undefined
    default:
      return asked satisfies never
  }
}
