import type { Pod } from '../../domain/pod.ts'
import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity/quantity.ts'
import { sameSize, sizeOf, type Size } from '../../domain/resources/size.ts'
import { containersOf, type PodContainer } from '../containers.ts'
import { grantedPodLevel, grantedSize } from '../held-size.ts'

/** The commands that ask for what is there: a request that waits may come true much later. */
export function giveUpCommands(pod: Pod, thereIs = grantedSize): readonly string[] {
  const parts = [
    ...containersOf(pod).map((container) => ({
      flag: `-c ${container.spec.name}`,
      held: thereIs(container),
      asked: container.spec.resources,
    })),
    { flag: '--pod-level', held: grantedPodLevel(pod), asked: pod.spec.resources },
  ]
  const { name, namespace = 'default' } = pod.metadata
  return parts
    .filter(({ held, asked }) => !sameSize(held, sizeOf(asked)))
    .map(({ flag, held }) => `podfit resize ${name} -n ${namespace} ${flag}${flagsFor(held)}`)
}

function flagsFor({ cpuRequest, cpuLimit, memoryRequest, memoryLimit }: Size): string {
  const flag = (name: string, sides: readonly (string | undefined)[]): string =>
    sides.every((side) => side === undefined)
      ? ''
      : ` --${name} ${sides.map((side) => side ?? '').join(':')}`
  const cpu = [cpuRequest, cpuLimit].map((one) => one && milliCpuQuantity(one))
  const memory = [memoryRequest, memoryLimit].map((one) => one && bytesQuantity(one))
  return `${flag('cpu', cpu)}${flag('memory', memory)}`
}

/** What failed is granted already, but the container goes on with what it had. */
export function reportedSize(container: PodContainer): Size {
  const { resources } = container.status ?? {}
  return resources === undefined ? grantedSize(container) : sizeOf(resources)
}
