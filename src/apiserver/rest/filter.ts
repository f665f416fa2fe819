import type { Call } from '../call.ts'
import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import {
  matchesFields,
  parseFieldSelector,
  type FieldSelector,
} from '../selector/field-selector.ts'
import {
  matchesLabels,
  parseLabelSelector,
  type LabelSelector,
} from '../selector/label-selector.ts'
import { badRequest } from '../status-error.ts'
import type { Stored } from '../store/stored.ts'

/** Which objects of a collection a list, watch or deletecollection is about. */
export interface Filter {
  /** Keys begin with it. */
  readonly prefix: string
  /** Whether labels or fields narrow the collection. */
  readonly selective: boolean
  readonly matches: (stored: Stored) => boolean
}

/** Every object of the collection is asked them all, for a watch at each of its changes. */
const mostRequirements = 1000

type ReadField = (object: KubeObject) => string

const metadataFields: Readonly<Record<string, ReadField>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
}

/** @throws StatusError 400 when a selector cannot be read or names an unknown field. */
export function filterOf(call: Call): Filter {
  const { kind, namespace, name } = call.target
  const prefix = kind.namespaced && namespace !== undefined ? `${namespace}/` : ''
  const labels = labelSelectorOf(call.query.get('labelSelector') ?? '')
  const readers = { ...metadataFields, ...kind.selectable }
  const selected = fieldSelectorOf(kind, call.query.get('fieldSelector') ?? '', readers)
  const fields = name === undefined ? selected : naming(name, selected)
  if (labels.length + fields.length > mostRequirements) {
    throw badRequest(
      `the selectors have ${labels.length + fields.length} requirements, of which each object is asked each; they may have ${mostRequirements}`,
    )
  }
  const inPrefix = (stored: Stored) => stored.key.startsWith(prefix)
  if (labels.length === 0 && fields.length === 0) {
    return { prefix, selective: false, matches: prefix === '' ? () => true : inPrefix }
  }
  const matches = ({ object }: Stored) =>
    matchesLabels(labels, object.metadata.labels) &&
    matchesFields(fields, (field) => readers[field]?.(object) ?? '')
  return { prefix, selective: true, matches: (stored) => inPrefix(stored) && matches(stored) }
}

/**
 * The object of that name only: a watch of one object.
 *
 * @throws StatusError 400 when the selector is about others.
 * @see Kubernetes apiserver/pkg/endpoints/handlers/get.go, ListResource
 */
function naming(name: string, selector: FieldSelector): FieldSelector {
  const field = 'metadata.name'
  if (selector.length === 0) return [{ field, value: name, negated: false }]
  if (selector.some((one) => one.field === field && one.value === name && !one.negated)) {
    return selector
  }
  throw badRequest("fieldSelector metadata.name doesn't match requested name")
}

function labelSelectorOf(text: string): LabelSelector {
  const parsed = parseLabelSelector(text)
  if (parsed.kind === 'invalid') throw badRequest(parsed.message)
  return parsed.selector
}

function fieldSelectorOf(
  kind: Kind,
  text: string,
  readers: Readonly<Record<string, ReadField>>,
): FieldSelector {
  if (text === '') return []
  const parsed = parseFieldSelector(text, supportedFields(kind, readers), refusalOf(kind))
  if (parsed.kind === 'invalid') throw badRequest(parsed.message)
  return parsed.selector
}

/** Kinds that can be selected by nothing but their names have another text. */
function refusalOf(kind: Kind): (field: string) => string {
  return kind.selectable === undefined
    ? (field) =>
        `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
    : (field) => `field label not supported: ${field}`
}

const supportedByKind = new WeakMap<Kind, ReadonlySet<string>>()

function supportedFields(
  kind: Kind,
  readers: Readonly<Record<string, ReadField>>,
): ReadonlySet<string> {
  let known = supportedByKind.get(kind)
  if (known === undefined) {
    const fields = Object.keys(readers)
    const all = kind.namespaced || kind.selectable === undefined
    known = new Set(all ? fields : fields.filter((field) => field !== 'metadata.namespace'))
    supportedByKind.set(kind, known)
  }
  return known
}
