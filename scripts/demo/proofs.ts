import type { Pod, ResourceRequirements } from '../../src/domain/pod.ts'
import { formatSize } from '../../src/cli/render/resize-lines.ts'
import { sizeOf } from '../../src/domain/resources/size.ts'
import { kernelHolds, kernelOf, limitsInKernel } from './kernel.ts'
import type { Machine } from './machine.ts'
import { shortId, statusOf } from './pod.ts'
import type { Screen } from './screen.ts'
import type { Visit } from './visitor.ts'

/** `cpu 500m:1, memory 64Mi:128Mi`, request before limit. */
export function sizeText(resources: ResourceRequirements | undefined): string {
  return formatSize(sizeOf(resources))
}

/** The container was not touched: the same ID, the same start, no restart. */
export function proveSameContainer(
  screen: Screen,
  before: Pod,
  after: Pod,
  container: string,
): void {
  const [old, now] = [statusOf(before, container), statusOf(after, container)]
  const same =
    old.containerID === now.containerID &&
    old.state?.running?.startedAt === now.state?.running?.startedAt &&
    old.restartCount === now.restartCount
  const text = `${container} is the same container (${shortId(old)}), restarts: ${now.restartCount}`
  screen.prove(same, text)
}

/** The process inside went on, and so did those whom it serves. */
export function proveWentOn(screen: Screen, visit: Visit): void {
  const { first, last, answers, failures, wentBack } = visit
  screen.prove(!wentBack, `the process inside went on counting: ${first} → ${last}`)
  const missed = failures.length === 0 ? 'missed none' : `missed ${failures.join('; ')}`
  screen.prove(failures.length === 0, `its web server answered ${answers} requests, ${missed}`)
}

export function proveKernel(
  screen: Screen,
  pod: Pod,
  container: string,
  size: ResourceRequirements,
): void {
  const holds = kernelHolds(kernelOf(pod), container, size)
  screen.prove(holds, `the kernel limits ${container} to ${limitsInKernel(size).join(', ')}`)
}

interface Report {
  readonly verdict: string
  readonly findings: readonly { readonly code: string; readonly message: string }[]
}

/** Asks `podfit verify`, without its table. */
export async function proveVerified(machine: Machine, screen: Screen, name: string): Promise<void> {
  const { code, stdout } = await machine.podfit(['verify', name, '-o', 'json'])
  const { verdict, findings } = JSON.parse(stdout) as Report
  const why = findings.map((one) => ` ${one.code} ${one.message}`).join(';')
  const five = 'desired, allocated, status, container cgroup and pod cgroup agree'
  screen.prove(
    code === 0 && verdict === 'verified',
    `podfit verify ${name}: ${verdict === 'verified' ? five : `${verdict}${why}`}`,
  )
}
