import type { Pod } from '../domain/pod.ts'
import { askedOnce } from '../operate/cluster-facts.ts'
import { verifyPods } from '../operate/verify-pods.ts'
import { cgroupSource } from './cgroup-sources.ts'
import { type ExitCode } from './exit-codes.ts'
import { renderDocument } from './render/output.ts'
import { podReportDocument } from './render/pod-report-document.ts'
import { renderPodReports } from './render/pod-reports.ts'
import type { ResizeCall } from './resize-flags.ts'
import { systemClock } from './system-clock.ts'
import { requestsAtOnce } from './targets.ts'
import { paintFor } from './terminal.ts'
import { exitOfReports } from './verify-exit.ts'

/** The size is there already: nothing is sent, but whether the kernel has it is still worth a look. */
export async function verifyUnchanged(pods: readonly Pod[], call: ResizeCall): Promise<ExitCode> {
  const { terminal, cluster, flags } = call
  const { stdout, env, signal } = terminal
  const cgroups = cgroupSource(cluster, flags)
  const facts = askedOnce(cluster.facts)
  const ports = { client: cluster.pods, cgroups, clock: systemClock, facts }
  const reports = await verifyPods(ports, pods, signal, { atOnce: requestsAtOnce })
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
    stdout.write(renderPodReports(reports, paintFor(stdout, env)))
  }
  return exitOfReports(reports)
}
