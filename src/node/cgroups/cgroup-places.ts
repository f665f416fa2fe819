import { type CgroupDriver, containerCgroupPath, podCgroupPath } from '../../domain/cgroup/names.ts'
import type { Pod } from '../../domain/pod.ts'
import { type QosClass, qosClasses, qosClassOf } from '../../domain/resources/qos.ts'

/** Below which cgroup the node's pods are, and who manages it. */
export interface CgroupRoot {
  readonly root: string
  readonly driver: CgroupDriver
}

/** The path of the pod's cgroup. Its QoS class never changes, so neither does the place. */
export function podPlace({ root, driver }: CgroupRoot, pod: Pod): string {
  return podCgroupPath(root, qosOf(pod), pod.metadata.uid ?? '', driver)
}

/** Where the cgroup of a pod may be of which only the UID is known: one path for each QoS class. */
export function possiblePodPlaces({ root, driver }: CgroupRoot, uid: string): readonly string[] {
  return qosClasses.map((qos) => podCgroupPath(root, qos, uid, driver))
}

/** The path of the cgroup of a pod's container. */
export function containerPlace(where: CgroupRoot, pod: Pod, id: string): string {
  return containerCgroupPath(podPlace(where, pod), id, where.driver)
}

function qosOf(pod: Pod): QosClass {
  return (pod.status?.qosClass as QosClass | undefined) ?? qosClassOf(pod.spec)
}
