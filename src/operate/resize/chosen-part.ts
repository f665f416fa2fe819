import type { Pod } from '../../domain/pod.ts'
import { containersOf } from '../containers.ts'
import { hasPart, type PodPart } from '../pod-part.ts'

/** Which size of a pod is meant. */
export interface PartWanted {
  /** @default the pod's only container, or that of its annotation */
  readonly container?: string | undefined
  /** The pod's own size instead of a container's. */
  readonly podLevel?: boolean | undefined
}

const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container'

/** The part that is meant, or why there is none. */
export type ChosenPart = { readonly part: PodPart } | { readonly message: string }

/** As kubectl chooses: what is named, the default container of the annotation, the only one. */
export function chosenPart(pod: Pod, { container, podLevel = false }: PartWanted): ChosenPart {
  if (podLevel) return { part: undefined }
  const containers = containersOf(pod)
  const names = containers.map(({ spec }) => spec.name).join(', ')
  const wanted = container ?? pod.metadata.annotations?.[defaultContainerAnnotation]
  if (wanted === undefined) {
    const regular = containers.filter(({ list }) => list === 'containers')
    const [only] = regular
    if (only !== undefined && regular.length === 1) return { part: only.spec.name }
    return {
      message: `Cannot choose a container of pod ${pod.metadata.name}: name one of ${names} with -c`,
    }
  }
  if (hasPart(pod, wanted)) return { part: wanted }
  return {
    message: `Cannot find container ${wanted} in pod ${pod.metadata.name}: it has ${names}`,
  }
}
