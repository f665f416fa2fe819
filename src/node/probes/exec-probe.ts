import { errorCode } from '../../domain/error-code.ts'
import type { ProbeOutcome } from '../../domain/probe/probe-state.ts'
import type { ContainerRuntime } from '../runtime/container-runtime.ts'

const longestOutput = 10 * 1024

/** Runs a command in the container: exit code 0 within the time is a success. */
export async function probeExec(
  runtime: Pick<ContainerRuntime, 'execSync'>,
  containerId: string,
  command: readonly string[],
  timeoutSeconds: number,
): Promise<ProbeOutcome> {
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(
      containerId,
      command,
      timeoutSeconds,
    )
    if (exitCode === 0) return { kind: 'success' }
    const output = Buffer.concat([stdout, stderr]).subarray(0, longestOutput).toString()
    return { kind: 'failure', message: output }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (errorCode(error) !== 'deadlineExceeded') {
      return { kind: 'unknown', message }
    }
    return {
      kind: 'overrun',
      message: `command timed out: ${JSON.stringify(command.join(' '))} took longer than ${timeoutSeconds}s`,
    }
  }
}
