import { invalid as invalidField, notSupported } from '../../domain/field-error.ts'
import { isTrue } from '../../domain/query/query-boolean.ts'
import { readLoosely } from '../body/read-object.ts'
import type { Call } from '../call.ts'
import { propagations, type Propagation } from '../meta/propagation.ts'
import { dryRunErrors, isAsked, isDryRun } from '../query/dry-run.ts'
import { readNumber } from '../query/list-options.ts'
import { decodeObject } from '../schema/decode.ts'
import { isJsonObject, type JsonObject } from '../schema/json-value.ts'
import { objectType } from '../schema/object-type.ts'
import { badRequest, invalid } from '../status-error.ts'
import type { Preconditions } from './preconditions.ts'

/** How a deletion is asked for: by the body, or by the query where there is none. */
export interface DeleteOptions extends Preconditions {
  readonly gracePeriodSeconds?: number
  readonly dryRun: boolean
  /** What becomes of the objects that it owns. @default as its finalizers say, else Background */
  readonly propagation?: Propagation
}

/** @throws StatusError 400 when the body is no DeleteOptions, 422 when they contradict. */
export async function readDeleteOptions(call: Call): Promise<DeleteOptions> {
  return deleteOptionsIn(call, await readOptionsBody(call))
}

/** The options that `body` and the query hold. */
export function deleteOptionsIn(
  call: Call,
  body: Readonly<Record<string, unknown>>,
): DeleteOptions {
  const preconditions = isJsonObject(body['preconditions']) ? body['preconditions'] : {}
  const grace = body['gracePeriodSeconds'] ?? readNumber(call.query, 'gracePeriodSeconds')
  const { uid, resourceVersion } = preconditions
  const propagation = readPropagation(call, body)
  const words = Array.isArray(body['dryRun']) ? body['dryRun'].map(String) : []
  const errors = dryRunErrors(words)
  if (errors.length > 0) throw invalid(optionsKind, '', errors)
  return {
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    dryRun: isDryRun(call) || isAsked(words),
    ...(propagation === undefined ? {} : { propagation }),
  }
}

/** Every group has DeleteOptions, so its version says nothing. */
async function readOptionsBody(call: Call): Promise<JsonObject> {
  const { apiVersion: _any, ...value } = await readLoosely(call, target.type.name)
  const decoded = decodeObject(value, target)
  if (decoded.kind === 'invalid') throw badRequest(decoded.message)
  return decoded.object
}

const target = {
  type: objectType('meta/v1.DeleteOptions'),
  apiVersion: 'v1',
  kind: 'DeleteOptions',
}

const optionsKind = { group: 'meta.k8s.io', kind: 'DeleteOptions' }

/** @see Kubernetes apimachinery pkg/apis/meta/v1/validation, ValidateDeleteOptions */
function readPropagation(
  call: Call,
  body: Readonly<Record<string, unknown>>,
): Propagation | undefined {
  const field = 'propagationPolicy'
  const policy = body[field] ?? call.query.get(field) ?? undefined
  const orphan = body['orphanDependents'] ?? readFlag(call.query.get('orphanDependents'))
  if (policy === undefined) {
    if (typeof orphan !== 'boolean') return undefined
    return orphan ? 'Orphan' : 'Background'
  }
  if (orphan !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set'
    throw invalid(optionsKind, '', [invalidField(field, policy, why)])
  }
  const found = propagations.find((one) => one === policy)
  if (found === undefined) {
    throw invalid(optionsKind, '', [notSupported(field, policy, [...propagations, 'nil'])])
  }
  return found
}

function readFlag(text: string | null): boolean | undefined {
  return text === null ? undefined : isTrue(text)
}
