import { KubeError } from './kube-error.ts'
import { unreachable } from './unreachable.ts'

/**
 * What a server that has taken a request answers.
 *
 * @throws KubeError if that is no JSON object: the answer was cut, or somebody else gave it; the
 *   reason of `signal`.
 */
export async function jsonAnswer<T>(
  response: Response,
  server: string,
  signal?: AbortSignal,
): Promise<T> {
  try {
    const value: unknown = await response.json()
    if (typeof value === 'object' && value !== null) return value as T
  } catch (cause) {
    signal?.throwIfAborted()
    if (!(cause instanceof SyntaxError)) throw unreachable(server, cause)
  }
  const message = `Cannot read the answer of ${server}: it is no JSON object. Is it an API server, and does something stand in between?`
  throw new KubeError(message, { code: 0, reason: 'Unreachable' })
}
