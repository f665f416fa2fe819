import { parseGoDuration } from '../../domain/query/go-duration.ts'
import { isTrue } from '../../domain/query/query-boolean.ts'
import type { Call, User } from '../call.ts'
import { badRequest, StatusError } from '../status-error.ts'
import { handle, verbOf } from './route.ts'

/** How metrics call the verbs. */
const metricVerbs: Readonly<Record<string, string>> = {
  create: 'POST',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
  get: 'GET',
  list: 'LIST',
  patch: 'PATCH',
  update: 'PUT',
  watch: 'WATCH',
}

/** Everybody else waits for what these do; their requests are as many as there are pods. */
function isExempt({ name, groups }: User): boolean {
  return groups.includes('system:nodes') || name === 'system:kube-scheduler'
}

/** Answers a call, within limits of number and time, and counts it. */
export async function runCall(call: Call): Promise<Response> {
  const { server, target, user, request } = call
  const verb = verbOf(call) ?? ''
  const name = metricVerbs[verb] ?? request.method
  if (lasts(call, verb)) return counted(call, name, () => handle(call))
  const mutating = !['get', 'list', ''].includes(verb)
  const begun = performance.now()
  let leave: () => void = () => undefined
  try {
    if (!isExempt(user)) leave = server.inFlight.enter(mutating)
    const limitMs = limitOf(call)
    const answer = handle(call)
    const response =
      answer instanceof Response
        ? answer
        : await call.deadline.meet(answer, limitMs, server.requestTimeoutMs)
    server.metrics.answered(target, name, response.status, (performance.now() - begun) / 1000)
    return response
  } catch (error) {
    server.metrics.answered(target, name, codeOf(error), (performance.now() - begun) / 1000)
    throw error
  } finally {
    leave()
  }
}

async function counted(
  { server, target }: Call,
  verb: string,
  run: () => Promise<Response> | Response,
): Promise<Response> {
  try {
    const response = await run()
    server.metrics.answered(target, verb, response.status)
    return response
  } catch (error) {
    server.metrics.answered(target, verb, codeOf(error))
    throw error
  }
}

/** Whether the request goes on for as long as its client likes. */
function lasts({ target, query }: Call, verb: string): boolean {
  return verb === 'watch' || (target.subresource === 'log' && isTrue(query.get('follow')))
}

function codeOf(error: unknown): number {
  return error instanceof StatusError ? error.code : 500
}

/**
 * Milliseconds that the request may take: what it asks for, within what all may take.
 *
 * @throws StatusError 400 when `timeout` is no duration.
 * @see Kubernetes apiserver/pkg/endpoints/filters/request_deadline.go
 */
function limitOf({ query, server }: Call): number {
  const asked = query.get('timeout') ?? ''
  if (asked === '') return server.requestTimeoutMs
  const duration = parseGoDuration(asked)
  if (duration.kind === 'invalid') {
    throw badRequest(`invalid timeout specified in the request URL - ${duration.message}`)
  }
  return duration.ms > 0 ? Math.min(duration.ms, server.requestTimeoutMs) : server.requestTimeoutMs
}
