import type { Pod, ResourceList, ResourceRequirements } from '../../domain/pod.ts'
import { causesOf, invalidMessage } from '../../domain/field-error.ts'
import { defaultVersion } from '../../domain/kube-version.ts'
import { mergeResizeRequest } from '../../domain/resize/request/request.ts'
import { validateResize } from '../../domain/resize/validation/validate-resize.ts'
import type {
  PatchAnswer,
  PodClient,
  ResizePatch,
  ResourcesPatch,
} from '../../operate/cluster/pod-client.ts'
import { resourcesAt } from '../../operate/pod-part.ts'
import { prepareSize } from '../../operate/resize/prepare-resize.ts'

/** The pods of a manifest in the place of a cluster's: patches are tried by the rules of the API server. */
export function manifestClient(pods: readonly Pod[]): PodClient {
  const find = (name: string) => pods.find(({ metadata }) => metadata.name === name)
  const onlyPlans = () => {
    throw new TypeError('A manifest cannot be watched')
  }
  return {
    read: (ref) => {
      const pod = find(ref.name)
      return Promise.resolve(pod === undefined ? { kind: 'missing' } : { kind: 'pod', pod })
    },
    list: () => Promise.resolve(pods),
    patch: (ref, patch) => {
      const pod = find(ref.name)
      return Promise.resolve(pod === undefined ? { kind: 'missing' } : tried(pod, patch))
    },
    watch: onlyPlans,
  }
}

function tried(pod: Pod, { spec }: ResizePatch): PatchAnswer {
  const { containers = [], initContainers = [], resources } = spec
  const parts = [
    ...[...containers, ...initContainers].map((one) => ({ part: one.name, patch: one.resources })),
    ...(resources === undefined ? [] : [{ part: undefined, patch: resources }]),
  ]
  const wanted = parts.reduce((changed, { part, patch }) => {
    const next = patched(resourcesAt(changed, part), patch)
    return prepareSize(changed, part, next)?.wanted ?? changed
  }, pod)
  const merged = mergeResizeRequest(pod, wanted, defaultVersion)
  const errors = validateResize(pod, merged, defaultVersion)
  if (errors.length === 0) return { kind: 'pod', pod: merged }
  const message = invalidMessage('Pod', pod.metadata.name, errors)
  const refusal = { code: 422, reason: 'Invalid', message, causes: causesOf(errors) }
  return { kind: 'refused', refusal }
}

/** A strategic merge patch of two lists of quantities. */
function patched(
  resources: ResourceRequirements | undefined,
  patch: ResourcesPatch,
): ResourceRequirements {
  const side = (kind: 'requests' | 'limits'): ResourceList => {
    const merged = Object.entries({ ...resources?.[kind], ...patch[kind] })
    return Object.fromEntries(
      merged.flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
    )
  }
  return { requests: side('requests'), limits: side('limits') }
}
