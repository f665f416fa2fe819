import type { PodReport } from '../../../src/operate/verify/pod-report.ts'
import type { CgroupReport } from '../../../src/operate/cgroups/layered-value.ts'
import type { Machine } from '../machine.ts'
import { getPod } from '../pod.ts'
import { proveVerified, sizeText } from '../proofs.ts'
import type { Screen } from '../screen.ts'

const names = ['web', 'shop', 'cache']

/** The same size in every layer, for every container, at the end of the story. */
export async function allLayers(machine: Machine, screen: Screen): Promise<void> {
  screen.title('At the end: every layer of every pod')
  const rows: string[][] = []
  for (const name of names) {
    const pod = await getPod(machine.client, name)
    const { stdout } = await machine.podfit(['verify', name, '-o', 'json'])
    const report = JSON.parse(stdout) as PodReport
    for (const container of report.containers) {
      const status = pod.status?.containerStatuses?.find((one) => one.name === container.name)
      const restarts = String(container.restartCount)
      rows.push([name, container.name, sizeText(status?.resources), files(container), restarts])
    }
    rows.push([name, '(pod)', '', files(report.pod), ''])
  }
  screen.table([['POD', 'CONTAINER', 'STATUS', 'FILES AS THEY SHOULD BE', 'RESTARTS'], ...rows])
  screen.line()
  for (const name of names) await proveVerified(machine, screen, name)
}

function files({ values }: CgroupReport): string {
  const all = values.flatMap((value) => value.files)
  return `${all.filter(({ ok }) => ok).length} of ${all.length}`
}
