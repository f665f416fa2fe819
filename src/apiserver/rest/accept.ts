import type { KubeMeta, KubeObject } from '../kube-object.ts'
import { ofClient } from '../meta/of-client.ts'
import { validateMeta, validateMetaUpdate } from '../meta/validate-meta.ts'
import { isJsonObject, type JsonValue } from '../schema/json-value.ts'
import { sameJson } from '../schema/same-json.ts'
import { invalid } from '../status-error.ts'
import type { Accept } from './change.ts'

/** What a PUT or PATCH of the object itself may change: all but status, where that has its own endpoint. */
export const acceptObject: Accept = (call, old, submitted) => {
  const { kind } = call.target
  const kept = withMeta(old, kind.hasStatus ? withStatusOf(submitted, old) : submitted)
  const complete = kind.applyDefaults?.(kept) ?? kept
  const prepared = kind.prepareUpdate?.(old, complete) ?? complete
  const errors = [
    ...validateMetaUpdate(old, submitted.metadata),
    ...validateMeta(kind, prepared.metadata),
    ...(kind.validateUpdate?.(old, prepared) ?? []),
  ]
  if (errors.length > 0) throw invalid(kind, old.metadata.name, errors)
  const next = kind.allocate?.(prepared, call) ?? prepared
  kind.admitUpdate?.(old, next, call)
  return kind.counted ? withGeneration(old, next) : next
}

/** What the status endpoint may change: status, labels, annotations and finalizers. */
export const acceptStatus: Accept = (call, old, submitted) => {
  const { kind } = call.target
  const { ownerReferences } = old.metadata
  const meta = withMeta(old, { ...old, metadata: submitted.metadata }).metadata
  const { ownerReferences: _own, ...rest } = meta
  const metadata = ownerReferences === undefined ? rest : { ...rest, ownerReferences }
  const next = withStatusOf({ ...old, metadata }, submitted)
  const errors = [
    ...validateMetaUpdate(old, submitted.metadata),
    ...validateMeta(kind, metadata),
    ...(kind.validateStatus?.(old, next) ?? []),
  ]
  if (errors.length > 0) throw invalid(kind, old.metadata.name, errors)
  return next
}

/** `object` with the status of `other`, or none. */
function withStatusOf(object: KubeObject, other: KubeObject): KubeObject {
  if (!isJsonObject(other.status)) {
    const { status: _status, ...rest } = object
    return rest
  }
  return { ...object, status: other.status }
}

const ofServer = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const satisfies readonly (keyof KubeMeta)[]

/** The submitted metadata with what only the server writes taken from the stored object. */
function withMeta(old: KubeObject, submitted: KubeObject): KubeObject {
  const before = old.metadata
  const metadata: Record<string, unknown> = { ...ofClient(submitted.metadata) }
  for (const field of ofServer) if (before[field] !== undefined) metadata[field] = before[field]
  return { ...submitted, metadata: metadata as unknown as KubeMeta }
}

/** Counts a change of the spec. Objects from before counting began start at 1. */
function withGeneration(old: KubeObject, next: KubeObject): KubeObject {
  if (sameJson(old.spec as JsonValue, next.spec as JsonValue)) return next
  const generation = (old.metadata.generation ?? 0) + 1
  return { ...next, metadata: { ...next.metadata, generation } }
}
