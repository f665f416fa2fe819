import { errorCode } from '../../domain/error-code.ts'
import type { Call } from '../call.ts'
import { asPod } from '../kube-object.ts'
import type { NodeStreams } from '../node-streams.ts'
import { findObject } from '../rest/get.ts'
import { badRequest, internalError, StatusError } from '../status-error.ts'
import { targetContainer } from './target-container.ts'

/** The subresources whose connections leave HTTP. */
export const streamNames: readonly string[] = ['exec', 'attach', 'portforward']

/** @throws StatusError 503 when no node is connected that could stream. */
export function streamsOf(call: Call): NodeStreams {
  const { streams } = call.server
  if (streams !== undefined) return streams
  throw new StatusError(503, 'ServiceUnavailable', 'no node is connected to this API server')
}

/** What a node's refusal is answered with: its own text, and its own code if it has one. */
export function nodeError(error: unknown): StatusError {
  if (error instanceof StatusError) return error
  const message = error instanceof Error ? error.message : String(error)
  switch (errorCode(error)) {
    case 400:
      return badRequest(message)
    case 404:
      return new StatusError(404, 'NotFound', message, {})
    default:
      return internalError(message)
  }
}

/** exec, attach and port-forward without an upgrade of the connection. */
export function streamNeedsUpgrade(call: Call): Promise<Response> {
  asPod(findObject(call).object)
  return Promise.reject(badRequest('Upgrade request required'))
}

/**
 * Where the connection of an exec, attach or port-forward request is to be
 * passed on to.
 *
 * @throws StatusError 400 and 404 as the plain request has them.
 */
export async function streamUrl(call: Call): Promise<URL> {
  const { subresource = '' } = call.target
  if (!streamNames.includes(subresource)) {
    throw badRequest('this path has no connection to be upgraded')
  }
  const pod = asPod(findObject(call).object)
  if ((pod.spec.nodeName ?? '') === '') {
    throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
  }
  const streams = streamsOf(call)
  const container = () => targetContainer(pod, call.query.get('container') ?? '')
  try {
    if (subresource === 'exec') return await streams.exec(pod, container(), call.query)
    if (subresource === 'attach') return await streams.attach(pod, container(), call.query)
    return await streams.portForward(pod, call.query)
  } catch (error) {
    throw nodeError(error)
  }
}
