import { setTimeout as sleep } from 'node:timers/promises'
import type { Container, Pod } from '../../domain/pod.ts'
import type { LifecycleHandler } from '../../domain/pod/probe.ts'
import { timerSpan } from '../../domain/timer-span.ts'
import type { NodeContext } from '../node-context.ts'
import { httpTarget, probeHttp } from '../probes/http-probe.ts'
import { portNumber } from '../probes/run-probe.ts'
import { podIPsOf } from './sources.ts'

const httpTimeoutMs = 30_000

/**
 * Runs what a container wants done after its start or before its stop.
 *
 * @throws Error with what went wrong.
 */
export async function runHook(
  context: NodeContext,
  pod: Pod,
  container: Container,
  containerId: string,
  hook: LifecycleHandler,
): Promise<void> {
  if (hook.sleep !== undefined) {
    await sleep(timerSpan(hook.sleep.seconds * 1000))
  } else if (hook.exec !== undefined) {
    const command = hook.exec.command ?? []
    const { exitCode, stdout, stderr } = await context.runtime.execSync(containerId, command, 0)
    if (exitCode === 0) return
    const output = Buffer.concat([stdout, stderr]).subarray(0, 1024).toString().trim()
    throw new Error(
      `command ${JSON.stringify(command.join(' '))} exited with ${exitCode}: ${output}`,
    )
  } else if (hook.httpGet !== undefined) {
    const address = podIPsOf(context, pod)[0] ?? context.machine.address
    const port = portNumber(hook.httpGet.port, container.ports)
    const outcome = await probeHttp(httpTarget(hook.httpGet, address, port), httpTimeoutMs)
    if (outcome.kind !== 'success') throw new Error(outcome.message)
  }
}
