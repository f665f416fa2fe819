import { isJsonObject } from '../schema/json-value.ts'
import { badRequest } from '../status-error.ts'
import type { Call } from './call.ts'
import { readLoosely } from './decode.ts'
import { isDryRun } from './dry-run.ts'
import { readNumber } from './list-options.ts'

/** How a deletion is asked for: by the body, or by the query where there is none. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly uid?: string
  readonly resourceVersion?: string
  readonly dryRun: boolean
  /** Whether objects that it owns stay. @default false */
  readonly orphan?: boolean
}

/** @throws StatusError 400 when the body is no DeleteOptions. */
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
  const words = Array.isArray(body['dryRun']) ? body['dryRun'].map(String) : []
  return {
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    dryRun: isDryRun(call, words),
    orphan: isOrphaning(call, body),
  }
}

async function readOptionsBody(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const value = await readLoosely(call, 'meta/v1.DeleteOptions')
  const { kind } = value
  if (kind !== undefined && kind !== 'DeleteOptions') {
    throw badRequest(`${JSON.stringify(kind)} cannot be handled as a DeleteOptions`)
  }
  return value
}

function isOrphaning(call: Call, body: Readonly<Record<string, unknown>>): boolean {
  const policy = body['propagationPolicy'] ?? call.query.get('propagationPolicy') ?? ''
  return policy === 'Orphan' || body['orphanDependents'] === true
}
