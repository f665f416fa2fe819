import { applyPatch as applyOperations, type Operation } from 'rfc6902'
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import { getOwn } from '../schema/own-property.ts'
import { badPatch, unfitPatch, type InvalidPatch } from './patch-error.ts'

/** kube-apiserver's bound on the operations of one JSON patch. */
const maxOperations = 10_000

const operations = ['add', 'copy', 'move', 'remove', 'replace', 'test'] as const
type OperationName = (typeof operations)[number]

type Checked =
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'unfit'; readonly problem: InvalidPatch }

function unfit(op: string, why: string): Checked {
  return { kind: 'unfit', problem: unfitPatch(`${op} operation does not apply: ${why}`) }
}

function isPointer(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && (value === '' || value.startsWith('/'))
}

/** A prototype must not be reachable through a client's path. */
function isForeign(pointer: string): boolean {
  return pointer.split('/').includes('__proto__')
}

function checkOperation(entry: JsonValue): Checked {
  if (!isJsonObject(entry)) {
    return { kind: 'unfit', problem: badPatch('json: cannot unmarshal value into JSON patch') }
  }
  const op = operations.find((name): name is OperationName => name === entry['op'])
  if (op === undefined) {
    return { kind: 'unfit', problem: unfitPatch(`Unexpected kind: ${JSON.stringify(entry['op'])}`) }
  }
  const [path, from] = [getOwn(entry, 'path'), getOwn(entry, 'from')]
  if (!isPointer(path)) return unfit(op, 'path must be a JSON pointer such as /spec/nodeName')
  if (isForeign(path)) return unfit(op, `doc is missing path: "${path}": missing value`)
  const value = getOwn(entry, 'value')
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      if (value === undefined && op !== 'test') return unfit(op, 'value is missing')
      return { kind: 'operation', operation: { op, path, value: structuredClone(value ?? null) } }
    case 'copy':
    case 'move':
      if (!isPointer(from) || isForeign(from)) return unfit(op, 'from must be a JSON pointer')
      if (op === 'move' && path.startsWith(`${from}/`)) {
        return unfit(op, `cannot move ${from} into itself`)
      }
      return { kind: 'operation', operation: { op, from, path } }
    case 'remove':
      return { kind: 'operation', operation: { op, path } }
    default:
      return op satisfies never
  }
}

/** Whether `pointer` goes through a scalar or outside a list of `document`. */
function leavesDocument(document: JsonValue, pointer: string, mayAppend: boolean): boolean {
  const tokens = pointer.split('/').slice(1)
  let at: JsonValue | undefined = document
  for (const [position, raw] of tokens.entries()) {
    const token = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) {
      const last = position === tokens.length - 1
      if (last && mayAppend && token === '-') return false
      if (!/^(0|[1-9]\d*)$/.test(token)) return true
      const index = Number(token)
      if (index > at.length || (index === at.length && !(last && mayAppend))) return true
      at = at[index]
    } else {
      if (!isJsonObject(at)) return true
      at = getOwn(at, token)
    }
  }
  return false
}

function outOfBounds(document: JsonValue, operation: Operation): boolean {
  if ('from' in operation && leavesDocument(document, operation.from, false)) return true
  const mayAppend = ['add', 'copy', 'move'].includes(operation.op)
  return leavesDocument(document, operation.path, mayAppend)
}

function failure(operation: Operation, error: Error): InvalidPatch {
  if (error.name === 'TestError') {
    return unfitPatch(`testing value ${operation.path} failed: test failed`)
  }
  const path = 'from' in operation ? operation.from : operation.path
  return unfitPatch(
    `${operation.op} operation does not apply: doc is missing path: "${path}": missing value`,
  )
}

export type JsonPatchResult = { readonly kind: 'patched'; readonly value: JsonValue } | InvalidPatch

/**
 * `current` with the list of operations `patch` applied, all or none. Neither is changed.
 *
 * @see RFC 6902
 */
export function jsonPatch(current: JsonObject, patch: unknown): JsonPatchResult {
  if (!Array.isArray(patch)) {
    return badPatch('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  }
  if (patch.length > maxOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`
    return { kind: 'invalid', code: 413, message }
  }
  // A root to hold the document, so that an operation on '' can replace it.
  const holder: { document: JsonValue } = { document: structuredClone(current) }
  for (const entry of patch) {
    const checked = checkOperation(entry as JsonValue)
    if (checked.kind === 'unfit') return checked.problem
    const { operation } = checked
    const rooted = {
      ...operation,
      path: `/document${operation.path}`,
      ...('from' in operation && { from: `/document${operation.from}` }),
    } as Operation
    if (outOfBounds(holder.document, operation)) return failure(operation, new RangeError('index'))
    const [error] = applyOperations(holder, [rooted])
    if (error) return failure(operation, error)
  }
  return { kind: 'patched', value: holder.document }
}
