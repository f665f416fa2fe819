import { atLeast, type KubeVersion } from '../../../domain/kube-version.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { mapList } from './fill.ts'

/**
 * A pod spec without the fields whose feature the release had, but not enabled: kube-apiserver
 * drops them without a word. In-place resize itself and pod-level resources are taken for
 * enabled wherever they exist.
 *
 * @see Kubernetes pkg/api/pod/util.go, dropDisabledFields
 */
export function withoutDisabledFields(spec: JsonObject, version: KubeVersion): JsonObject {
  const without = (list: string, field: string) => (given: JsonObject) =>
    mapList(given, list, ({ [field]: _dropped, ...rest }) => rest)
  // SidecarContainers and ContainerRestartRules.
  if (!atLeast(version, '1.29')) return without('initContainers', 'restartPolicy')(spec)
  if (version !== '1.34') return spec
  return ['initContainers', 'containers'].reduce(
    (result, list) => without(list, 'restartPolicyRules')(result),
    spec,
  )
}
