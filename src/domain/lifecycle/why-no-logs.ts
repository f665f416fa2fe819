import type { PodStatus } from '../pod/pod-status.ts'

/**
 * What a container that has never run waits for, as a kubelet tells those who ask for its logs.
 *
 * @see Kubernetes pkg/kubelet/kubelet_pods.go, validateContainerLogStatus
 */
export function whyNoLogs(status: PodStatus | undefined, container: string): string {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  const state = all.find(({ name }) => name === container)?.state
  const reason = state?.waiting?.reason ?? 'ContainerCreating'
  switch (reason) {
    case 'ErrImagePull':
      return "image can't be pulled"
    case 'ImagePullBackOff':
      return 'trying and failing to pull image'
    default:
      return reason
  }
}
