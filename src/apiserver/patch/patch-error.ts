import { patchTypes, type PatchType } from './patch-types.ts'

/** One reason in a Status' `details.causes`. */
export interface PatchCause {
  readonly reason: string
  readonly message: string
  readonly field?: string
}

/** Why a patch was not applied, as kube-apiserver tells it. */
export interface InvalidPatch {
  readonly kind: 'invalid'
  readonly code: 400 | 413 | 422
  readonly message: string
  readonly causes?: readonly PatchCause[]
}

/** 400: the patch itself is malformed. */
export function badPatch(message: string): InvalidPatch {
  return { kind: 'invalid', code: 400, message }
}

/**
 * 400: the patch is no JSON, or none of its type. `why` is the decoder's reason, which
 * kube-apiserver passes on bare where it is a strategic merge patch.
 */
export function undecodedPatch(type: PatchType, why: string): InvalidPatch {
  return badPatch(type === patchTypes.strategic ? why : `error decoding patch: ${why}`)
}

/**
 * 422: the patch is well formed but does not fit the object. kube-apiserver's message
 * says nothing of the reason; the cause does, and kubectl prints it.
 */
export function unfitPatch(reason: string): InvalidPatch {
  return {
    kind: 'invalid',
    code: 422,
    message: 'the server rejected our request due to an error in our request',
    causes: [{ reason: 'FieldValueInvalid', message: reason, field: 'patch' }],
  }
}

/** Carries an InvalidPatch out of the recursion over a document; caught in applyPatch. */
export class PatchProblem extends Error {
  readonly problem: InvalidPatch

  constructor(problem: InvalidPatch) {
    super(problem.message)
    this.name = 'PatchProblem'
    this.problem = problem
  }
}
