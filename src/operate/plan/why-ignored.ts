import type { Pod } from '../../domain/pod.ts'
import type { KubeVersion } from '../../domain/kube-version.ts'
import { sameSize, sizeOf } from '../../domain/resources/size.ts'
import { resourcesAt } from '../pod-part.ts'
import type { PreparedResize } from '../resize/prepare-resize.ts'

/**
 * Why a resize would come to nothing although the API server takes it: one that does not resize
 * the size of a pod itself drops that change, and says nothing about it.
 *
 * @param answer what a dry run would have stored.
 * @see Kubernetes pkg/api/pod/util.go, dropDisabledFields; KEP-5419.
 */
export function whyIgnored(
  { change }: PreparedResize,
  answer: Pod,
  version: KubeVersion,
): string | undefined {
  if (change.container !== undefined) return undefined
  if (!sameSize(sizeOf(resourcesAt(answer, undefined)), change.before)) return undefined
  return `the API server (Kubernetes ${version}) drops a change of the pod's own size: that takes 1.36, or 1.35 with the feature gate InPlacePodLevelResourcesVerticalScaling; -c NAME resizes a container instead`
}
