import type { Pod, ResourceRequirements } from '../../domain/pod.ts'
import { containerNamed } from '../containers.ts'
import type { ResizePatch, ResourcesPatch } from '../cluster/pod-client.ts'
import { resourcesAt, type PodPart } from '../pod-part.ts'

/** The smallest patch that gives `part` of the pod these resources. */
export function resizePatch(pod: Pod, part: PodPart, wanted: ResourceRequirements): ResizePatch {
  const resources = changedOnly(resourcesAt(pod, part), wanted)
  if (part === undefined) return { spec: { resources } }
  const list = containerNamed(pod, part)?.list ?? 'containers'
  return { spec: { [list]: [{ name: part, resources }] } }
}

/** The keys of `after` whose values differ from those of `before`, and null for those it lacks. */
function changedOnly(
  before: ResourceRequirements | undefined,
  after: ResourceRequirements,
): ResourcesPatch {
  const differing = (kind: 'requests' | 'limits') => {
    const changed = Object.entries(after[kind] ?? {}).filter(
      ([key, value]) => before?.[kind]?.[key] !== value,
    )
    const gone = Object.keys(before?.[kind] ?? {}).filter((key) => after[kind]?.[key] === undefined)
    const entries = [...changed, ...gone.map((key) => [key, null] as const)]
    return entries.length === 0 ? {} : { [kind]: Object.fromEntries(entries) }
  }
  return { ...differing('requests'), ...differing('limits') }
}
