import { execIn } from '../../kube/client/exec.ts'
import { isKubeError } from '../../kube/client/kube-error.ts'
import type { KubeTarget } from '../../kube/connect/kube-target.ts'
import type { ContainerExec, ExecEnd } from '../../operate/cluster/container-exec.ts'
import { printableJson } from './printable.ts'

/** Commands in containers over the Kubernetes API, as `kubectl exec`; what they print can be shown. */
export function kubeContainerExec(target: KubeTarget): ContainerExec {
  return async (where, command, signal) => {
    try {
      return printableJson(endOf(await execIn(target, where, command, signal)))
    } catch (error) {
      if (signal.aborted) {
        return { kind: 'failed', why: 'it did not answer in time', retry: 'later' }
      }
      const why = error instanceof Error ? error.message : String(error)
      return { kind: 'failed', why, retry: retryAfter(isKubeError(error) ? error.code : 0) }
    }
  }
}

/** A kubelet answers 500 also for a container that does not run. */
function retryAfter(code: number): 'never' | 'soon' | 'later' {
  if (code === 401 || code === 403) return 'never'
  return code === 0 || code >= 500 ? 'soon' : 'later'
}

type Ended = Awaited<ReturnType<typeof execIn>>

/** What runtimes say of a program that the image does not have. */
const noProgram = /executable file not found|no such file or directory/i

function endOf({ stdout, status }: Ended): ExecEnd {
  if (status?.status === 'Success') return { kind: 'ended', code: 0, stdout }
  const exitCode = status?.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message
  if (exitCode !== undefined) return { kind: 'ended', code: Number(exitCode), stdout }
  const why = status?.message ?? 'the connection was cut'
  return noProgram.test(why)
    ? { kind: 'failed', why: 'its image has no shell (sh)', retry: 'never' }
    : { kind: 'failed', why, retry: 'soon' }
}
