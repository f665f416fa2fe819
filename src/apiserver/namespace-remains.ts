import type { Kind } from './kind/kind.ts'
import { asJson, type KubeObject } from './kube-object.ts'
import { sameJson } from './schema/same-json.ts'

/** An object that a namespace still has. */
export interface Remaining {
  readonly kind: Kind
  readonly object: KubeObject
}

interface Condition {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] }
}

/** What can keep a namespace from going, as it reads when it does not. */
const nothing = {
  NamespaceDeletionDiscoveryFailure: [
    'ResourcesDiscovered',
    'All resources successfully discovered',
  ],
  NamespaceDeletionGroupVersionParsingFailure: [
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ],
  NamespaceDeletionContentFailure: [
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  NamespaceContentRemaining: ['ContentRemoved', 'All content successfully removed'],
  NamespaceFinalizersRemaining: ['ContentRemoved', 'All content successfully removed'],
} as const

/**
 * A namespace on its way out with conditions that say what still keeps it: how many objects of
 * which resource, and which finalizers hold them.
 *
 * @param now as Kubernetes prints times.
 * @returns the same object if its conditions say so already.
 * @see Kubernetes pkg/controller/namespace/deletion/status_condition_utils.go
 */
export function withRemains(
  object: KubeObject,
  remaining: readonly Remaining[],
  now: string,
): KubeObject {
  const { status = {} } = object as Namespace
  const kept = new Map<string, readonly [string, string]>()
  const resources = counts(remaining.map(({ kind }) => `${kind.plural}.${kind.group}`))
  if (resources.length > 0) {
    const list = resources.map(([name, count]) => `${name} has ${count} resource instances`)
    const message = `Some resources are remaining: ${list.join(', ')}`
    kept.set('NamespaceContentRemaining', ['SomeResourcesRemain', message])
  }
  const finalizers = counts(remaining.flatMap((one) => one.object.metadata.finalizers ?? []))
  if (finalizers.length > 0) {
    const list = finalizers.map(([name, count]) => `${name} in ${count} resource instances`)
    const message = `Some content in the namespace has finalizers remaining: ${list.join(', ')}`
    kept.set('NamespaceFinalizersRemaining', ['SomeFinalizersRemain', message])
  }
  const before = status.conditions ?? []
  const conditions = Object.entries(nothing).map(([type, usual]): Condition => {
    const [reason, message] = kept.get(type) ?? usual
    const value = kept.has(type) ? 'True' : 'False'
    const old = before.find((one) => one.type === type)
    const lastTransitionTime = old?.status === value ? old.lastTransitionTime : now
    return { type, status: value, lastTransitionTime, reason, message }
  })
  const others = before.filter(({ type }) => !Object.hasOwn(nothing, type))
  const next = { ...object, status: { ...status, conditions: [...others, ...conditions] } }
  return sameJson(asJson(object), asJson(next)) ? object : next
}

/** How often each name comes, by name. */
function counts(names: readonly string[]): readonly (readonly [string, number])[] {
  const found = new Map<string, number>()
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1)
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1))
}
