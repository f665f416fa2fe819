import type { Pod } from '../domain/pod.ts'
import { inParallel } from '../operate/in-parallel.ts'
import type { PodReport } from '../operate/pod-report.ts'
import { verifyPod } from '../operate/verify-pod.ts'
import { cgroupSource } from './cgroup-sources.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { renderDocument } from './render/output.ts'
import { podReportDocument } from './render/pod-report-document.ts'
import { renderPodReport } from './render/pod-report-table.ts'
import type { ResizeCall } from './resize-flags.ts'
import { systemClock } from './system-clock.ts'
import { refOf, requestsAtOnce } from './targets.ts'
import { paintFor } from './terminal.ts'

/** The size is there already: nothing is sent, but whether the kernel has it is still worth a look. */
export async function verifyUnchanged(pods: readonly Pod[], call: ResizeCall): Promise<ExitCode> {
  const { terminal, cluster, flags } = call
  const { stdout, env, signal } = terminal
  const cgroups = cgroupSource(cluster, flags.source)
  const ports = { client: cluster.pods, cgroups, clock: systemClock }
  const answers = await inParallel(pods, requestsAtOnce, (pod) =>
    verifyPod(ports, refOf(pod), signal, pod),
  )
  const reports = answers.flatMap((answer) => (answer.kind === 'report' ? [answer.report] : []))
  const [only] = reports
  if (flags.output !== undefined) {
    stdout.write(
      only !== undefined && pods.length === 1
        ? await renderDocument(flags.output, 'VerifyReport', podReportDocument(only))
        : await renderDocument(flags.output, 'VerifyReportList', {
            items: reports.map(podReportDocument),
          }),
    )
  } else {
    const paint = paintFor(stdout, env)
    stdout.write(reports.map((report) => renderPodReport(report, paint)).join('\n'))
  }
  return exitOfReports(reports)
}

function exitOfReports(reports: readonly PodReport[]): ExitCode {
  if (reports.some(({ verdict }) => verdict === 'drift')) return exitCodes.no
  return reports.every(({ verdict }) => verdict === 'verified')
    ? exitCodes.done
    : exitCodes.warnings
}
