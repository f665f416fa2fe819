import { asJson, asKubeObject, type KubeObject } from '../../kube-object.ts'
import { objectAt, textAt, textsAt } from '../../schema/read-json.ts'

/**
 * The node with its two fields for the networks of its pods in agreement. Where they differ
 * `podCIDR` counts: older clients know no other.
 *
 * @see Kubernetes pkg/apis/core/v1/conversion.go, Convert_v1_NodeSpec_To_core_NodeSpec
 */
export function withPodNetworks(node: KubeObject): KubeObject {
  const object = asJson(node)
  const spec = objectAt(object, 'spec') ?? {}
  const networks = [...textsAt(spec, 'podCIDRs')]
  const only = textAt(spec, 'podCIDR')
  const [first = ''] = networks
  if (only === first) return node
  const agreed =
    only === '' ? { podCIDR: first, podCIDRs: networks } : { podCIDR: only, podCIDRs: [only] }
  return asKubeObject({ ...object, spec: { ...spec, ...agreed } })
}
