import type { Container, PodSpec } from '../pod.ts'
import type { ObservedContainer } from './observed.ts'

/**
 * Whether a container starts again after it has exited: the first of its rules
 * that fits, else its own policy, else the pod's.
 *
 * @see KEP-5307.
 */
export function restartsAfterExit(spec: PodSpec, container: Container, exitCode: number): boolean {
  const fits = (container.restartPolicyRules ?? []).some(({ action, exitCodes }) => {
    const listed = exitCodes?.values?.includes(exitCode) === true
    return action === 'Restart' && (exitCodes?.operator === 'NotIn' ? !listed : listed)
  })
  if (fits) return true
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always'
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/**
 * The same of a container that has exited, which also starts again if it was stopped for that.
 *
 * @param restarting ids of containers that the node itself stopped for a restart.
 */
export function startsAgain(
  spec: PodSpec,
  container: Container,
  exited: ObservedContainer,
  restarting: ReadonlySet<string>,
): boolean {
  return restarting.has(exited.id) || restartsAfterExit(spec, container, exited.exitCode ?? 0)
}
