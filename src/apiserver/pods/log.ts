import { invalid as invalidField } from '../../domain/resize/field-error.ts'
import { asPod } from '../kube-object.ts'
import type { PodLogOptions } from '../../domain/pod-log-options.ts'
import type { Call } from '../rest/call.ts'
import { findObject } from '../rest/get.ts'
import { isTrue, readNumber } from '../rest/list-options.ts'
import { invalid } from '../status-error.ts'
import { nodeError, streamsOf } from './streams.ts'
import { targetContainer } from './target-container.ts'

/** GET of pods/NAME/log: what a container wrote, as plain text. */
export async function podLog(call: Call): Promise<Response> {
  const pod = asPod(findObject(call).object)
  const container = targetContainer(pod, call.query.get('container') ?? '')
  const options = readLogOptions(call)
  const headers = { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' }
  // Nobody runs it yet, so nothing was written.
  if ((pod.spec.nodeName ?? '') === '') return new Response('', { headers })
  const streams = streamsOf(call)
  const signal = AbortSignal.any([call.request.signal, call.server.closing])
  try {
    return new Response(await streams.logs(pod, container, options, signal), { headers })
  } catch (error) {
    throw nodeError(error)
  }
}

function readLogOptions(call: Call): PodLogOptions {
  const { query } = call
  const tailLines = atLeast(query, 'tailLines', 0)
  const sinceSeconds = atLeast(query, 'sinceSeconds', 1)
  const limitBytes = atLeast(query, 'limitBytes', 1)
  const sinceTime = query.get('sinceTime') ?? ''
  return {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceTime === '' ? {} : { sinceTime }),
  }
}

function atLeast(query: URLSearchParams, name: string, least: number): number | undefined {
  const value = readNumber(query, name)
  if (value === undefined || value >= least) return value
  const bound = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0'
  throw invalid({ group: '', kind: 'PodLogOptions' }, '', [invalidField(name, value, bound)])
}
