import type { Pod } from '../../domain/pod.ts'
import { askedOnce } from '../../operate/cluster/cluster-facts.ts'
import { verifyPods } from '../../operate/verify/verify-pods.ts'
import { cgroupSource } from '../cgroups/cgroup-sources.ts'
import { type ExitCode } from '../exit-codes.ts'
import { renderDocuments } from '../render/output.ts'
import { podReportDocument } from '../render/pod-report-document.ts'
import { renderPodReports } from '../render/pod-reports.ts'
import type { ResizeCall } from './resize-flags.ts'
import { systemClock } from '../system-clock.ts'
import { requestsAtOnce } from '../cluster/targets.ts'
import { paintFor } from '../terminal.ts'
import { exitOfReports } from '../verify-exit.ts'

/** The size is there already: nothing is sent, but whether the kernel has it is still worth a look. */
export async function verifyUnchanged(pods: readonly Pod[], call: ResizeCall): Promise<ExitCode> {
  const { terminal, cluster, flags } = call
  const { stdout, env, signal } = terminal
  const cgroups = cgroupSource(cluster, flags)
  const facts = askedOnce(cluster.facts)
  const ports = { client: cluster.pods, cgroups, clock: systemClock, facts }
  const reports = await verifyPods(ports, pods, signal, { atOnce: requestsAtOnce })
  if (flags.output !== undefined) {
    const items = reports.map(podReportDocument)
    stdout.write(await renderDocuments(flags.output, 'VerifyReport', items, call.isOneNamed))
  } else {
    stdout.write(renderPodReports(reports, paintFor(stdout, env)))
  }
  return exitOfReports(reports)
}
