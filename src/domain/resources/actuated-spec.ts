import type { Container, PodSpec } from '../pod.ts'
import { resourcesOf, type Size } from './size.ts'

/**
 * The spec with the sizes that its containers were last given; those without a record, and the
 * pod as a whole, stay as they are.
 *
 * @param actuated by container name.
 */
export function actuatedSpec(spec: PodSpec, actuated: ReadonlyMap<string, Size>): PodSpec {
  const before = (container: Container): Container => {
    const size = actuated.get(container.name)
    return size === undefined ? container : { ...container, resources: resourcesOf(size) }
  }
  const { initContainers, containers } = spec
  return {
    ...spec,
    containers: containers.map(before),
    ...(initContainers && { initContainers: initContainers.map(before) }),
  }
}
