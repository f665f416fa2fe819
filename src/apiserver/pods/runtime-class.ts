import type { Pod } from '../../domain/pod.ts'
import type { Call } from '../call.ts'
import { forbidden } from '../status-error.ts'

/**
 * Refuses a new pod that asks for a runtime class: there are none here, as in a cluster where
 * nobody has made one, and the node has one runtime for all. An empty name is left to validation.
 *
 * @param calledName what the client calls the pod.
 * @throws StatusError 403.
 * @see Kubernetes plugin/pkg/admission/runtimeclass
 */
export function refuseRuntimeClass(call: Call, pod: Pod, calledName: string): void {
  const { runtimeClassName: name = '' } = pod.spec
  if (name === '') return
  const why = `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`
  throw forbidden(call.target.kind, calledName, why)
}
