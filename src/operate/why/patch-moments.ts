import type { Pod } from '../../domain/pod.ts'

/** One thing that happened on the way from the request to the kernel. */
export interface Moment {
  /** RFC 3339; absent for what is so now. */
  readonly at?: string
  readonly source: string
  readonly what: string
}

/** The name under which podfit sends. */
export const ownManager = 'podfit'
/** How far two records of one request may be apart: the server keeps whole seconds, by its own clock. */
const sameRequestMs = 2000

/**
 * When somebody asked for a size of the pod. `own` is what podfit's journals tell; what the
 * managed fields tell of the same requests is left out.
 */
export function patchMoments(pod: Pod, own: readonly Moment[]): readonly Moment[] {
  const isKnown = ({ at, source }: Moment): boolean =>
    source === ownManager && own.some((one) => distanceMs(one.at, at) <= sameRequestMs)
  return [...own, ...managedMoments(pod).filter((moment) => !isKnown(moment))]
}

function distanceMs(one = '', other = ''): number {
  return Math.abs(Date.parse(one) - Date.parse(other))
}

/** Up to 1.31 a resize is an update of the pod itself, which only its fields tell from others. */
function managedMoments({ metadata }: Pod): readonly Moment[] {
  const created = Date.parse(metadata.creationTimestamp ?? '')
  return (metadata.managedFields ?? []).flatMap(
    ({ manager = 'somebody', time, subresource, fieldsV1 }): readonly Moment[] => {
      if (time === undefined) return []
      if (subresource === 'resize') {
        return [{ at: time, source: manager, what: 'asked for a size (pods/resize)' }]
      }
      const later = Date.parse(time) > created
      return subresource === undefined && later && holdsSize(fieldsV1)
        ? [{ at: time, source: manager, what: 'wrote the pod, sizes with it' }]
        : []
    },
  )
}

/** `{"f:spec": {"f:containers": {"k:{\"name\":\"app\"}": {"f:resources": {...}}}}}` */
function holdsSize(fieldsV1: object | undefined): boolean {
  return fieldsV1 !== undefined && JSON.stringify(fieldsV1).includes('"f:resources":')
}
