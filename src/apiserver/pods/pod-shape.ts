import type { Pod } from '../../domain/pod.ts'
import { asPod, type KubeObject } from '../kube-object.ts'

/**
 * The object as a Pod whose spec and list of containers are there, if only
 * empty: a body may leave both out, and validation says so later.
 */
export function shapedPod(object: KubeObject): Pod {
  const pod = asPod(object)
  const spec = pod.spec as Pod['spec'] | undefined
  if (Array.isArray(spec?.containers)) return pod
  return { ...pod, spec: { ...spec, containers: [] } }
}
