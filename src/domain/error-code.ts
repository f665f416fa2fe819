/**
 * By what an error says which one it is: `ENOENT` of the system, `notFound` of a part of
 * podfit, 409 of an API. Undefined for one that does not, and for what is no Error.
 */
export function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
