import { isTrue } from '../../domain/query/query-boolean.ts'
import type { Call, User } from '../call.ts'
import { StatusError } from '../status-error.ts'
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
    const response = await inTime(handle(call), server.requestTimeoutMs)
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

/** @throws StatusError 504 when there is no answer for too long: a body that never ends. */
async function inTime(answer: Promise<Response> | Response, limitMs: number): Promise<Response> {
  if (answer instanceof Response) return answer
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const why = 'Timeout: request did not complete within the allotted timeout'
    reject(new StatusError(504, 'Timeout', why, {}))
  }, limitMs)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
