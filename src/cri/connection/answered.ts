import { CriError } from './cri-error.ts'

/**
 * The part of an answer that CRI leaves optional on the wire but always sends.
 *
 * @throws CriError `unknown` if it is missing all the same
 */
export function answered<T>(part: T | undefined, call: string): T {
  if (part !== undefined) return part
  throw new CriError(call, 'unknown', 'later', `the runtime answered ${call} without a status`)
}
