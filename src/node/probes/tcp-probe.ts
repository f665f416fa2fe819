import { connect } from 'node:net'
import type { ProbeOutcome } from '../../domain/probe/probe-state.ts'

/** Opens a connection: one that stands within the time is a success. */
export function probeTcp(host: string, port: number, timeoutMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs })
    const end = (outcome: ProbeOutcome): void => {
      socket.destroy()
      resolve(outcome)
    }
    socket.on('connect', () => end({ kind: 'success' }))
    socket.on('timeout', () =>
      end({
        kind: 'overrun',
        message: `dial tcp ${host}:${port}: no connection within ${timeoutMs / 1000}s`,
      }),
    )
    socket.on('error', ({ message }) =>
      end({ kind: 'failure', message: `dial tcp ${host}:${port}: ${message}` }),
    )
  })
}
