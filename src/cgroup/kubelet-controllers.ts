/**
 * Controllers without which the kubelet takes a pod's cgroup for missing (`Exists` in
 * pkg/kubelet/cm/cgroup_manager_linux.go), where this machine has them. `systemd` is a
 * v1 hierarchy without a controller.
 */
export const kubeletControllers = {
  v1: ['cpu', 'cpuacct', 'cpuset', 'hugetlb', 'memory', 'pids', 'systemd'],
  v2: ['cpu', 'cpuset', 'hugetlb', 'memory', 'pids'],
} as const
