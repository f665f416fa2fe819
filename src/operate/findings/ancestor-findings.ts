import type { FindingMeaning } from './finding-meaning.ts'

/** CG4: the cgroups above the pod's. */
export const ancestorFindings = {
  CG401: {
    level: 'warning',
    title: 'A cgroup above the pod holds it down',
    cause:
      'Somebody set a limit on a cgroup that Kubernetes leaves without, or one that is too small',
    cure: 'See who writes it; the kubelet sets limits only on the cgroup of all pods',
  },
  CG402: {
    level: 'warning',
    title: 'The CPU weight of a QoS class in the kernel differs',
    cause: 'The kubelet sets it once a minute, or somebody wrote the file by hand',
    cure: 'Look again after a minute; if it stays, see who writes cgroups on the node',
  },
  CG403: {
    level: 'warning',
    title: 'The cgroup of all pods is smaller than the node says',
    cause: 'The reservations of the kubelet changed, or somebody wrote the file by hand',
    cure: 'Compare with kubeReserved and systemReserved; pods that fit may be killed there (kubernetes#141609)',
  },
  CG404: {
    level: 'warning',
    title: 'A cgroup that Kubernetes has above its pods is missing',
    cause:
      'The kubelet runs with cgroupsPerQOS: false, another program lays out the cgroups, or they change at this moment',
    cure: 'Compare the path of the pod with the cgroup settings of the kubelet; what is not there was not verified',
  },
  CG405: {
    level: 'warning',
    title: 'The memory protection of a QoS class or of all pods in the kernel differs',
    cause:
      'The kubelet sets memory.min and memory.low above pods once a minute, or somebody wrote the file by hand',
    cure: 'Look again after a minute; if it stays, see who writes cgroups on the node: what is not protected there is not protected in its pods',
    details:
      'With MemoryQoS they are what the pods request together: until 1.35 and with TieredReservation that of the Burstable pods on their class and of all pods on the cgroup of all pods, else nothing. It is judged while no pod of the node changes.',
  },
} as const satisfies Record<string, FindingMeaning>
