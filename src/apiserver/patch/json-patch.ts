import { applyPatch as applyOperations, type Operation } from 'rfc6902'
import { unfitValue } from '../schema/decode-problem.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import { getOwn } from '../schema/own-property.ts'
import { sameJson } from '../schema/same-json.ts'
import { leavesDocument, lengthAround, valueAt } from './json-pointer.ts'
import { undecodedPatch, unfitPatch, type InvalidPatch } from './patch-error.ts'
import { patchTypes } from './patch-types.ts'

/** kube-apiserver's bound on the operations of one JSON patch. */
const maxOperations = 10_000

/**
 * Characters that the copy operations of one JSON patch may add together: each can double the
 * document. kube-apiserver has the same bound in bytes, its JSONPatchMaxCopyBytes.
 */
const mostCopied = 3 * 1024 * 1024

/**
 * Items of lists that one JSON patch may move aside: each addition or removal in a list moves
 * those behind it. What a thousand operations do to a list of ten thousand.
 */
const mostShifted = 10_000_000

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

function kindOf({ op }: JsonObject): string {
  return typeof op === 'string' ? op : 'unknown'
}

function checkOperation(entry: JsonValue): Checked {
  if (!isJsonObject(entry)) {
    if (entry === null) return checkOperation({})
    const why = unfitValue(entry, 'handlers.jsonPatchOp')
    return { kind: 'unfit', problem: undecodedPatch(patchTypes.json, why) }
  }
  const op = operations.find((name): name is OperationName => name === entry['op'])
  if (op === undefined) {
    return { kind: 'unfit', problem: unfitPatch(`Unexpected kind: ${kindOf(entry)}`) }
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

function outOfBounds(document: JsonValue, operation: Operation): boolean {
  if ('from' in operation && leavesDocument(document, operation.from, false)) return true
  const mayAppend = ['add', 'copy', 'move'].includes(operation.op)
  return leavesDocument(document, operation.path, mayAppend)
}

/** rfc6902 compares lists by their shortest difference, which takes gigabytes for a thousand items. */
function fails(document: JsonValue, { path, value }: Extract<Operation, { op: 'test' }>): boolean {
  // What is missing is null, as in Kubernetes.
  return !sameJson(valueAt(document, path) ?? null, value)
}

const members: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value'])

/** Paths of what operations have besides their own members, as `[0].foo`; 100 at the most. */
export function unknownInOperations(patch: JsonValue): readonly string[] {
  if (!Array.isArray(patch)) return []
  const found: string[] = []
  for (const [index, entry] of patch.entries()) {
    if (!isJsonObject(entry)) continue
    for (const key of Object.keys(entry)) {
      if (members.has(key)) continue
      found.push(`[${index}].${key}`)
      if (found.length === 100) return found
    }
  }
  return found
}

function failure(operation: Operation): InvalidPatch {
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
export function jsonPatch(current: JsonObject, patch: readonly JsonValue[]): JsonPatchResult {
  if (patch.length > maxOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`
    return { kind: 'invalid', code: 413, message }
  }
  // A root to hold the document, so that an operation on '' can replace it.
  const holder: { document: JsonValue } = { document: structuredClone(current) }
  let copied = 0
  let shifted = 0
  for (const entry of patch) {
    const checked = checkOperation(entry)
    if (checked.kind === 'unfit') return checked.problem
    const { operation } = checked
    if (outOfBounds(holder.document, operation)) return failure(operation)
    if (operation.op === 'test') {
      if (!fails(holder.document, operation)) continue
      return unfitPatch(`testing value ${operation.path} failed: test failed`)
    }
    if (operation.op === 'copy') {
      copied += JSON.stringify(valueAt(holder.document, operation.from) ?? null).length
      if (copied > mostCopied) return tooMuchCopied(copied)
    }
    shifted += shiftedBy(holder.document, operation)
    if (shifted > mostShifted) return tooMuchShifted(shifted)
    const [error] = applyOperations(holder, [rooted(operation)])
    if (error) return failure(operation)
  }
  return { kind: 'patched', value: holder.document }
}

function shiftedBy(document: JsonValue, operation: Operation): number {
  if (operation.op === 'replace' || operation.op === 'test') return 0
  const from = operation.op === 'move' ? lengthAround(document, operation.from) : 0
  return from + lengthAround(document, operation.path)
}

function tooMuchShifted(items: number): InvalidPatch {
  const message = `The operations in a JSON patch may move ${mostShifted} items of lists, these move ${items} or more; replace the list as a whole`
  return { kind: 'invalid', code: 413, message }
}

function tooMuchCopied(size: number): InvalidPatch {
  return unfitPatch(
    `Unable to complete the copy, the accumulated size increase of copy is ${size}, exceeding the limit ${mostCopied}`,
  )
}

function rooted(operation: Operation): Operation {
  return {
    ...operation,
    path: `/document${operation.path}`,
    ...('from' in operation && { from: `/document${operation.from}` }),
  }
}
