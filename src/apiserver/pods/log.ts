import {
  forbidden,
  invalid as invalidField,
  rootField,
  type FieldError,
} from '../../domain/field-error.ts'
import { asPod } from '../kube-object.ts'
import type { PodLogOptions } from '../../domain/query/pod-log-options.ts'
import { nameOf, type Call } from '../call.ts'
import { findObject } from '../rest/get.ts'
import { isTrue } from '../../domain/query/query-boolean.ts'
import { readNumber } from '../query/list-options.ts'
import { formatTime } from '../schema/scalar-format.ts'
import { badRequest, invalid } from '../status-error.ts'
import { nodeError, streamsOf } from './streams.ts'
import { targetContainer } from './target-container.ts'

/** GET of pods/NAME/log: what a container wrote, as plain text. */
export async function podLog(call: Call): Promise<Response> {
  const options = readLogOptions(call)
  const pod = asPod(findObject(call).object)
  const container = targetContainer(pod, call.query.get('container') ?? '')
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

/**
 * @throws StatusError 400 for what is no number or time, 422 for what cannot be.
 * @see Kubernetes pkg/apis/core/validation/validation.go, ValidatePodLogOptions
 */
function readLogOptions(call: Call): PodLogOptions {
  const { query } = call
  const tailLines = readNumber(query, 'tailLines')
  const sinceSeconds = readNumber(query, 'sinceSeconds')
  const limitBytes = readNumber(query, 'limitBytes')
  const sinceTime = readTime(query, 'sinceTime')
  const errors = [
    ...atLeast('tailLines', tailLines, 0),
    ...atLeast('limitBytes', limitBytes, 1),
    ...(sinceSeconds !== undefined && sinceTime !== ''
      ? [forbidden(rootField, 'at most one of `sinceTime` or `sinceSeconds` may be specified')]
      : []),
    ...atLeast('sinceSeconds', sinceSeconds, 1),
    // A feature that is off by default: output and errors apart.
    ...(query.has('stream') ? [forbidden('stream', 'may not be specified')] : []),
  ]
  if (errors.length > 0) throw invalid(optionsKind, nameOf(call), errors)
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

function atLeast(name: string, value: number | undefined, least: 0 | 1): readonly FieldError[] {
  if (value === undefined || value >= least) return []
  const bound = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0'
  return [invalidField(name, value, bound)]
}

function readTime(query: URLSearchParams, name: string): string {
  const text = query.get(name) ?? ''
  const time = text === '' ? undefined : formatTime(text)
  if (time?.kind === 'invalid') throw badRequest(time.message)
  return text
}
