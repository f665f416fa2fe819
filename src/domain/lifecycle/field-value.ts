import { labelValue } from '../labels/label-value.ts'
import type { Pod } from '../pod.ts'

/** What of a pod is only known on its node. */
export interface PodPlace {
  readonly nodeName: string
  readonly hostIP: string
  /** Empty before the pod has a network. */
  readonly podIPs: readonly string[]
}

/**
 * What a `fieldRef` stands for; undefined for a path that there is not. A label
 * or annotation that the pod does not have is empty. All labels or annotations
 * are one `key="value"` a line, sorted, as files of a downward API volume have them.
 *
 * @see kubelet's podFieldSelectorRuntimeValue and pkg/fieldpath.
 */
export function fieldValue(pod: Pod, place: PodPlace, path: string): string | undefined {
  const { metadata, spec } = pod
  const subscript = /^metadata\.(?<map>labels|annotations)\['(?<key>.*)'\]$/.exec(path)
  if (subscript?.groups !== undefined) {
    const { map, key = '' } = subscript.groups
    return labelValue(metadata[map as 'labels' | 'annotations'], key) ?? ''
  }
  switch (path) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? 'default'
    case 'metadata.uid':
      return metadata.uid ?? ''
    case 'metadata.labels':
      return formatMap(metadata.labels)
    case 'metadata.annotations':
      return formatMap(metadata.annotations)
    case 'spec.nodeName':
      return place.nodeName
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return place.hostIP
    case 'status.podIP':
      return place.podIPs[0] ?? ''
    case 'status.podIPs':
      return place.podIPs.join(',')
    default:
      return undefined
  }
}

function formatMap(map: Readonly<Record<string, string>> = {}): string {
  const keys = Object.keys(map).toSorted()
  return keys.map((key) => `${key}=${quote(map[key] ?? '')}`).join('\n')
}

/** As Go's %q: JSON's escapes, but for the control characters that it writes as \x. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(/\\u00(?<hex>[0-9a-f]{2})/g, '\\x$1')
}
