import type { FieldError } from '../../domain/field-error.ts'
import type { Call } from '../call.ts'
import type { KubeObject } from '../kube-object.ts'
import type { JsonObject } from '../schema/json-value.ts'
import type { Column } from '../table/column.ts'
import type { OtherForm } from './other-form.ts'

export const verbs = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const

export type Verb = (typeof verbs)[number]

/** A second endpoint of an object: `pods/NAME/resize`. */
export interface Subresource {
  readonly name: string
  readonly verbs: readonly Verb[]
  /** What it answers with. @default the kind itself */
  readonly responseKind?: {
    readonly group: string
    readonly version: string
    readonly kind: string
  }
  /**
   * The schema of its body where it is not the kind's own: `core/v1.Binding`; `string` where
   * it takes none and answers with text.
   */
  readonly type?: string
  readonly handle: (call: Call) => Promise<Response>
}

/**
 * One row of the table of kinds: everything that tells this kind from others.
 * Routes, discovery, schemas, patching, selecting and printing are derived from
 * it; nothing else in the server names a kind, but for what only that kind has.
 */
export interface Kind {
  /** `''` for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly namespaced: boolean
  /** The schema's name, as `core/v1.Pod`: fields, list keys and strictness follow from it. */
  readonly type: string
  /** @default all of them */
  readonly verbs?: readonly Verb[]
  readonly subresources?: readonly Subresource[]
  readonly columns?: readonly Column[]
  /** Field selectors besides metadata.name and metadata.namespace. */
  readonly selectable?: Readonly<Record<string, (object: KubeObject) => string>>
  /** Whether metadata.generation counts the changes of the spec. @default false */
  readonly counted?: boolean
  /** Whether status is written through its own subresource only. @default false */
  readonly hasStatus?: boolean
  /** Whether PUT of a missing object makes it. @default false */
  readonly createOnUpdate?: boolean
  /** Whether an update without a resourceVersion means the latest one. @default true */
  readonly unconditionalUpdate?: boolean
  /** Whether DELETE answers with the object instead of a Status. @default false */
  readonly answersDeleted?: boolean
  /** How names are checked. @default subdomain */
  readonly naming?: 'subdomain' | 'label' | 'path'
  /** Another resource whose stored objects these are. */
  readonly storedAs?: string
  /** How they are written here, where that differs from how they are stored. */
  readonly otherForm?: OtherForm

  /** Fills in what the client left out, on create and on every update. */
  readonly applyDefaults?: (object: KubeObject) => KubeObject
  /** For what is not stored: makes all objects when they are listed or read. */
  readonly computed?: (call: Call) => Promise<readonly KubeObject[]>
  /** For what is not stored: the status that creating it is answered with. */
  readonly answerCreate?: (object: KubeObject, call: Call) => JsonObject
  /** For what is not stored: does what a POST to its collection asks for, and answers it. */
  readonly handleCreate?: (call: Call) => Promise<Response>
  /**
   * Sets what the server owns in a new object. `calledName` is what the client calls it, for
   * whom to tell of a refusal: its name, or what a name is to be made from.
   */
  readonly prepareCreate?: (object: KubeObject, call: Call, calledName: string) => KubeObject
  /** Takes back what a client may not change. `old` is what is stored. */
  readonly prepareUpdate?: (old: KubeObject, submitted: KubeObject) => KubeObject
  /** What is odd about a new object that is taken: texts for `Warning` headers. */
  readonly warnCreate?: (object: KubeObject) => readonly string[]
  readonly validateCreate?: (object: KubeObject) => readonly FieldError[]
  readonly validateUpdate?: (old: KubeObject, submitted: KubeObject) => readonly FieldError[]
  /** The same for what is written through its status endpoint. */
  readonly validateStatus?: (old: KubeObject, submitted: KubeObject) => readonly FieldError[]
  /** Gives it what no other object may have, create and update; called while the write is decided. */
  readonly allocate?: (object: KubeObject, call: Call) => KubeObject
  /** Admission: throws a StatusError to refuse. Runs after validation. */
  readonly admitCreate?: (object: KubeObject, call: Call) => void
  /** The same for PUT and PATCH of the object itself. */
  readonly admitUpdate?: (old: KubeObject, object: KubeObject, call: Call) => void
  readonly admitDelete?: (object: KubeObject, call: Call) => void
  /**
   * Seconds to wait before the object is removed; 0 removes it now. `asked` is
   * what the client wants. Kinds without it are removed at once.
   */
  readonly gracePeriod?: (object: KubeObject, asked: number | undefined) => number
  /** Whether a deleted object must stay for now. @default it has finalizers */
  readonly isHeld?: (object: KubeObject) => boolean
  /** Shows in an object that stays for now that it is being deleted. */
  readonly prepareDelete?: (object: KubeObject) => KubeObject
}

/** Whether a deleted object must stay for now. */
export function isHeld(kind: Kind, object: KubeObject): boolean {
  return kind.isHeld?.(object) ?? (object.metadata.finalizers ?? []).length > 0
}

/** Whether nothing holds a deleted object any more that was held before. */
export function isReleased(kind: Kind, before: KubeObject, after: KubeObject): boolean {
  return (
    before.metadata.deletionTimestamp !== undefined &&
    isHeld(kind, before) &&
    !isHeld(kind, after) &&
    (before.metadata.deletionGracePeriodSeconds ?? 0) === 0
  )
}

/** The resource's name in the store: `pods`, `leases.coordination.k8s.io`. */
export function resourceId(kind: Kind): string {
  if (kind.storedAs !== undefined) return kind.storedAs
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
}

/** `v1` or `coordination.k8s.io/v1`. */
export function apiVersion(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
}

/** The store's key of an object: `default/web` or `node-1`. */
export function objectKey(kind: Kind, namespace: string | undefined, name: string): string {
  return kind.namespaced ? `${namespace ?? ''}/${name}` : name
}

export function verbsOf(kind: Kind): readonly Verb[] {
  return kind.verbs ?? verbs
}
