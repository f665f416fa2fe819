import { asJson, asKubeObject, type KubeObject } from '../kube-object.ts'
import { objectAt, objectsAt, textAt } from '../schema/read-json.ts'

/**
 * The pod with the two fields of its status for its addresses in agreement. Where they differ
 * `podIP` counts: older clients know no other.
 *
 * @see Kubernetes pkg/apis/core/v1/conversion.go, Convert_v1_PodStatus_To_core_PodStatus
 */
export function withPodAddresses(pod: KubeObject): KubeObject {
  const object = asJson(pod)
  const status = objectAt(object, 'status') ?? {}
  const only = textAt(status, 'podIP')
  const first = textAt(objectsAt(status, 'podIPs')[0] ?? {}, 'ip')
  if (only === first) return pod
  const agreed = only === '' ? { podIP: first } : { podIPs: [{ ip: only }] }
  return asKubeObject({ ...object, status: { ...status, ...agreed } })
}
