import { connect } from 'node:net'
import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf'
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node'
import { timerSpan } from '../../domain/timer-span.ts'
import { CriError, criErrorFrom } from './cri-error.ts'
import { deadlinesOf, type Deadlines } from './deadlines.ts'

/** How one call is made. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Milliseconds until the call fails with `deadlineExceeded`. @default per call */
  readonly timeoutMs?: number
}

/**
 * One gRPC connection to a runtime's Unix socket. It is opened by the first
 * call, serves any number of calls at once, and is opened anew by the next call
 * after it broke. An idle connection does not keep the process alive.
 */
export interface Connection extends Disposable {
  readonly deadlines: Deadlines
  /** @throws CriError */
  readonly unary: <I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    input: MessageInitShape<I>,
    timeoutMs: number,
    options?: CallOptions,
    header?: Record<string, string>,
  ) => Promise<MessageShape<O>>
  /**
   * The messages of a stream without deadline. Ends quietly when `signal` is aborted.
   *
   * @throws CriError
   */
  readonly stream: <I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    input: MessageInitShape<I>,
    signal?: AbortSignal,
  ) => AsyncIterable<MessageShape<O>>
  /** Breaks the connection and everything under way on it. */
  readonly close: () => void
}

export interface ConnectionOptions {
  /**
   * Milliseconds that a call may take which starts, ends or changes something.
   * @default 120_000
   */
  readonly requestTimeoutMs?: number
  /**
   * Told of the container or the sandbox of a call that was given up at its deadline, by its id;
   * of a sandbox that was to be made, by the UID of its pod.
   */
  readonly onOverdue?: (subject: string) => void
}

/** The path of the Unix socket in `unix:///run/x.sock` or `/run/x.sock`. */
function socketPath(endpoint: string): string {
  const path = endpoint.replace(/^unix:\/\//, '')
  if (path.startsWith('/')) return path
  throw new TypeError(
    `Cannot use ${endpoint} as runtime endpoint: it must be unix:///PATH or an absolute path`,
  )
}

/** A connection to the runtime at `endpoint`; nothing is opened before the first call. */
export function openConnection(
  endpoint: string,
  { requestTimeoutMs, onOverdue }: ConnectionOptions = {},
): Connection {
  const path = socketPath(endpoint)
  // Lists of some hundred containers exceed the 64 KiB window of HTTP/2's default.
  const settings = { initialWindowSize: 4 * 1024 * 1024, enablePush: false }
  const session = new Http2SessionManager(
    'http://localhost',
    { idleConnectionTimeoutMs: Infinity },
    { createConnection: () => connect(path), settings },
  )
  const transport = createGrpcTransport({
    baseUrl: 'http://localhost',
    sessionManager: session,
    acceptCompression: [],
  })

  async function unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    input: MessageInitShape<I>,
    timeoutMs: number,
    options: CallOptions = {},
    header?: Record<string, string>,
  ): Promise<MessageShape<O>> {
    const { signal } = options
    const deadline = deadlineFor(options.timeoutMs ?? timeoutMs, signal)
    try {
      const stop = deadline.signal
      return (await transport.unary(method, stop, undefined, header, input)).message
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason
      if (deadline.passed()) {
        const subject = subjectOf(input)
        if (subject !== undefined) onOverdue?.(subject)
        throw tooLate(method.name, options.timeoutMs ?? timeoutMs, error)
      }
      throw criErrorFrom(method.name, error)
    } finally {
      deadline.clear()
    }
  }

  async function* stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    input: MessageInitShape<I>,
    signal?: AbortSignal,
  ): AsyncIterable<MessageShape<O>> {
    async function* once() {
      yield create(method.input, input)
    }
    try {
      const response = await transport.stream(method, signal, undefined, undefined, once())
      yield* response.message
    } catch (error) {
      if (signal?.aborted === true) return
      throw criErrorFrom(method.name, error)
    }
    throw new CriError(method.name, 'unavailable', 'soon', 'the runtime ended the stream')
  }

  function close() {
    session.abort()
  }

  const deadlines = deadlinesOf(requestTimeoutMs)
  return { deadlines, unary, stream, close, [Symbol.dispose]: close }
}

/**
 * A deadline that only this side keeps: told to the runtime too, its own
 * complaints about it would race with ours. The runtime learns of it by the
 * cancelled call.
 */
function deadlineFor(ms: number, signal: AbortSignal | undefined) {
  const stop = new AbortController()
  let passed = false
  const timer = setTimeout(() => {
    passed = true
    stop.abort()
  }, timerSpan(ms))
  const abort = () => stop.abort()
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort)
  return {
    signal: stop.signal,
    passed: () => passed,
    clear: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** The container, else the sandbox, else the pod that a call is about. */
function subjectOf(input: object): string | undefined {
  const { containerId, podSandboxId, config } = input as {
    readonly containerId?: string
    readonly podSandboxId?: string
    readonly config?: { readonly metadata?: { readonly uid?: string } }
  }
  return containerId ?? podSandboxId ?? config?.metadata?.uid
}

function tooLate(call: string, ms: number, cause: unknown): CriError {
  const text = `no answer from the container runtime within ${ms} ms`
  return new CriError(call, 'deadlineExceeded', 'soon', text, cause)
}
