import type { Pod } from '../../domain/pod.ts'
import { badRequest } from '../status-error.ts'

/** On a pod, the container that clients mean when they name none. */
const defaultContainer = 'kubectl.kubernetes.io/default-container'

/**
 * The container that a log or exec request is about: the one it names, else the
 * only one there is.
 *
 * @throws StatusError 400 when it names none of the pod's, or has to choose.
 */
export function targetContainer(pod: Pod, asked: string): string {
  const regular = pod.spec.containers.map(({ name }) => name)
  const initial = (pod.spec.initContainers ?? []).map(({ name }) => name)
  const { name } = pod.metadata
  if (asked !== '') {
    if (regular.includes(asked) || initial.includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  const [first] = regular
  if (regular.length === 1 && first !== undefined) return first
  const preferred = pod.metadata.annotations?.[defaultContainer] ?? ''
  if (regular.includes(preferred)) return preferred
  const choice =
    initial.length === 0
      ? `choose one of: [${regular.join(' ')}]`
      : `choose one of: [${regular.join(' ')}] or one of the init containers: [${initial.join(' ')}]`
  throw badRequest(`a container name must be specified for pod ${name}, ${choice}`)
}
