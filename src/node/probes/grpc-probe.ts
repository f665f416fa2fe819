import { connect, constants, type IncomingHttpHeaders } from 'node:http2'
import type { ProbeOutcome } from '../../domain/probe/probe-state.ts'
import { timerSpan } from '../../domain/timer-span.ts'

const serving = 1
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/** A HealthCheckResponse has two bytes, and five before them; a server may send without end. */
const longestAnswer = 1024

interface Answer {
  readonly grpcStatus: string
  readonly grpcMessage: string
  readonly body: Buffer
}

/**
 * Asks a server's gRPC health service (grpc.health.v1) for one of its services;
 * SERVING within the time is a success.
 */
export async function probeGrpc(
  authority: string,
  service: string,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), timerSpan(timeoutMs))
  const session = connect(`http://${authority}`)
  try {
    const asked = check(session, service)
    asked.catch(() => {})
    const answer = await Promise.race([asked, late.promise])
    if (answer !== 'late') return judge(answer)
    const message = `timeout: failed to connect service "${authority}" within ${timeoutMs / 1000}s`
    return { kind: 'overrun', message }
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    return { kind: 'failure', message: `failed to connect service "${authority}": ${cause}` }
  } finally {
    clearTimeout(timer)
    session.destroy()
  }
}

function check(session: ReturnType<typeof connect>, service: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.on('error', reject)
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'kube-probe/1.36',
    })
    let body = Buffer.alloc(0)
    let status: Pick<Answer, 'grpcStatus' | 'grpcMessage'> | undefined
    const note = (headers: IncomingHttpHeaders): void => {
      const [grpcStatus, grpcMessage] = [headers['grpc-status'], headers['grpc-message']]
      if (typeof grpcStatus !== 'string') return
      status = { grpcStatus, grpcMessage: typeof grpcMessage === 'string' ? grpcMessage : '' }
    }
    stream
      .on('error', reject)
      .on('response', note)
      .on('trailers', note)
      .on('data', (part: Buffer) => {
        if (body.length < longestAnswer) body = Buffer.concat([body, part])
      })
      .on('end', () => {
        if (status === undefined) reject(new Error('the server does not speak gRPC'))
        else resolve({ ...status, body })
      })
    stream.end(healthRequest(service))
  })
}

/** A gRPC frame with a HealthCheckRequest: `string service = 1`. */
function healthRequest(service: string): Buffer {
  const name = Buffer.from(service)
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** A length as protobuf writes it: seven bits a byte, the lowest first. */
function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)]
}

function judge({ grpcStatus, grpcMessage, body }: Answer): ProbeOutcome {
  if (grpcStatus !== '0') {
    const unimplemented =
      grpcStatus === '12' ? 'this server does not implement the grpc health protocol' : ''
    return {
      kind: 'failure',
      message: `error: grpc status ${grpcStatus}: ${unimplemented || grpcMessage}`,
    }
  }
  // A HealthCheckResponse: `ServingStatus status = 1`, left out when it is 0.
  const status = body[5] === 0x08 ? (body[6] ?? 0) : 0
  if (status === serving) return { kind: 'success' }
  return {
    kind: 'failure',
    message: `service unhealthy (responded with "${statusNames[status] ?? status}")`,
  }
}
