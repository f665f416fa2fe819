import type { V1Status } from '@kubernetes/client-node'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { clientNodeConfig } from '../connect/client-node-config.ts'
import type { KubeTarget } from '../connect/kube-target.ts'
import { KubeError } from './kube-error.ts'

/** What a command inside a container wrote, and how it ended. */
export interface ExecResult {
  readonly stdout: string
  readonly stderr: string
  /** The server's word at the end; `undefined` if the connection broke before. */
  readonly status: V1Status | undefined
}

/** Where to run a command. */
export interface ExecPlace {
  readonly namespace: string
  readonly name: string
  readonly container: string
}

/** What `ws` says when the answer is not an upgrade: it keeps only the HTTP status. */
function refusalIn(event: unknown): KubeError {
  const message =
    typeof event === 'object' && event !== null && 'message' in event ? String(event.message) : ''
  const [, status] = /Unexpected server response: (\d+)/.exec(message) ?? []
  const code = Number(status ?? 0)
  switch (code) {
    case 401:
    case 403: {
      const text = `the API server does not permit it (${code}): it takes the verb create on pods/exec`
      return new KubeError(text, { code, reason: code === 401 ? 'Unauthorized' : 'Forbidden' })
    }
    case 0: {
      const text = message === '' ? 'the API server gave no answer' : message
      return new KubeError(text, { code, reason: 'Unreachable' })
    }
    default:
      return new KubeError(`the API server answers ${code}`, { code, reason: 'Unknown' })
  }
}

/**
 * @throws the reason of `signal`. A socket that opens after that is ended, as is one that is open:
 *   whoever does not answer does not take leave either, and `close` would wait 30 s for that.
 */
async function unlessAborted<T extends { terminate(): void }>(
  opening: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([opening, aborted.promise])
  } catch (error) {
    opening.then(
      (late) => late.terminate(),
      () => undefined,
    )
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Loads what `execIn` takes, which is a lot: for whoever will want its answer at once, but not yet. */
export async function prepareExec(): Promise<void> {
  await Promise.all([
    import('@kubernetes/client-node/dist/exec.js'),
    import('@kubernetes/client-node/dist/config.js'),
  ])
}

/**
 * Runs a command inside a container to its end, over a WebSocket (`v5.channel.k8s.io` and
 * older), as `kubectl exec` without a terminal.
 *
 * @throws KubeError if the server refuses or cannot be reached; the reason of `signal`
 * if it aborts before the end.
 */
export async function execIn(
  target: KubeTarget,
  { namespace, name, container }: ExecPlace,
  command: readonly string[],
  signal: AbortSignal,
): Promise<ExecResult> {
  const [{ Exec }, config] = await Promise.all([
    import('@kubernetes/client-node/dist/exec.js'),
    clientNodeConfig(target),
  ])
  signal.throwIfAborted()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([text(stdout), text(stderr)])
  let status: V1Status | undefined
  const opening = new Exec(config)
    .exec(namespace, name, container, [...command], stdout, stderr, null, false, (end) => {
      status = end
    })
    .catch((event: unknown) => {
      throw refusalIn(event)
    })
  const socket = await unlessAborted(opening, signal)
  const closed = Promise.withResolvers<void>()
  socket.addEventListener('close', () => closed.resolve())
  socket.addEventListener('error', () => closed.resolve())
  const abort = () => socket.terminate()
  signal.addEventListener('abort', abort, { once: true })
  await closed.promise
  signal.removeEventListener('abort', abort)
  stdout.end()
  stderr.end()
  const [out, error] = await texts
  if (status === undefined) signal.throwIfAborted()
  return { stdout: out, stderr: error, status }
}
