import { restartsAfterExit } from '../../../domain/lifecycle/restart-policy.ts'
import type { Container, ContainerStatus, Pod } from '../../../domain/pod.ts'
import { forbidden, invalid, type FieldError } from '../../../domain/field-error.ts'
import { validatePodAddresses } from './validate-pod-addresses.ts'

/**
 * What the status endpoint may not do to a pod: give it another QoS class, or let a container
 * go on that has ended for good. One that a resize may restart is let, unlike in Kubernetes,
 * whose kubelet never tells of the moment between.
 *
 * @see Kubernetes validation.go, ValidatePodStatusUpdate.
 */
export function validatePodStatus(old: Pod, next: Pod): readonly FieldError[] {
  const [was, is] = [old.status?.qosClass, next.status?.qosClass]
  const { containers, initContainers = [] } = old.spec
  return [
    ...(was === is ? [] : [invalid('status.qosClass', is, 'field is immutable')]),
    ...validateStates(old, next, 'containerStatuses', containers),
    ...validateStates(old, next, 'initContainerStatuses', initContainers),
    ...validatePodAddresses(next.status),
  ]
}

function validateStates(
  old: Pod,
  next: Pod,
  list: 'containerStatuses' | 'initContainerStatuses',
  containers: readonly Container[],
): readonly FieldError[] {
  return (old.status?.[list] ?? []).flatMap((status, index) => {
    const container = containers.find(({ name }) => name === status.name)
    const now = next.status?.[list]?.find(({ name }) => name === status.name)
    if (now === undefined || now.state?.terminated !== undefined) return []
    if (!hasEnded(old, status, container)) return []
    const why = 'may not be transitioned to non-terminated state'
    return [forbidden(`status.${list}[${index}].state`, why)]
  })
}

function hasEnded(
  { spec }: Pod,
  { name, state }: ContainerStatus,
  container: Container = { name },
): boolean {
  const exitCode = state?.terminated?.exitCode
  const restarts = container.resizePolicy?.some((one) => one.restartPolicy === 'RestartContainer')
  return (
    exitCode !== undefined && restarts !== true && !restartsAfterExit(spec, container, exitCode)
  )
}
