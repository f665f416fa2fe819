import { forbidden, invalid as invalidField, rootField } from '../../domain/resize/field-error.ts'
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
  const options = readLogOptions(call, pod.metadata.name)
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

const optionsKind = { group: '', kind: 'PodLogOptions' }

function readLogOptions({ query }: Call, pod: string): PodLogOptions {
  const atLeast = (name: string, least: 0 | 1) => {
    const value = readNumber(query, name)
    if (value === undefined || value >= least) return value
    const bound = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0'
    throw invalid(optionsKind, pod, [invalidField(name, value, bound)])
  }
  const tailLines = atLeast('tailLines', 0)
  const sinceSeconds = atLeast('sinceSeconds', 1)
  const limitBytes = atLeast('limitBytes', 1)
  const sinceTime = query.get('sinceTime') ?? ''
  if (sinceSeconds !== undefined && sinceTime !== '') {
    const why = 'at most one of `sinceTime` or `sinceSeconds` may be specified'
    throw invalid(optionsKind, pod, [forbidden(rootField, why)])
  }
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
