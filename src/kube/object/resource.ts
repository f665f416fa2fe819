import type { Pod } from '../../domain/pod.ts'
import type { KubeObject } from './kube-object.ts'

declare const object: unique symbol

/** A kind of object as the API's URLs name it. `T` is the shape of its objects. */
export interface KubeResource<T extends KubeObject = KubeObject> {
  /** `''` is the core group. */
  readonly group: string
  readonly version: string
  /** Lower-case plural, as in the URL. */
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  readonly [object]?: T
}

function core<T extends KubeObject>(plural: string, kind: string, namespaced = true) {
  return { group: '', version: 'v1', plural, kind, namespaced } as KubeResource<T>
}

export const pods = core<Pod>('pods', 'Pod')
export const nodes = core<KubeObject>('nodes', 'Node', false)
export const namespaces = core<KubeObject>('namespaces', 'Namespace', false)
export const configMaps = core<KubeObject>('configmaps', 'ConfigMap')
export const secrets = core<KubeObject>('secrets', 'Secret')
export const events = core<KubeObject>('events', 'Event')

/** The `apiVersion` that objects of this resource carry: `v1`, `apps/v1`. */
export function apiVersionOf({ group, version }: KubeResource): string {
  return group === '' ? version : `${group}/${version}`
}
