import { readFileSync } from 'node:fs'
import {
  isSidecar,
  type Container,
  type ContainerStatus,
  type Pod,
  type ResourceList,
  type ResourceRequirements,
} from '../../domain/pod.ts'
import {
  findMalformedQuantity,
  withResourceDefaults,
} from '../../domain/resize/request/defaults.ts'
import { invalidMessage, causesOf } from '../../domain/resize/field-error.ts'
import { defaultVersion } from '../../domain/resize/kube-version.ts'
import { mergeResizeRequest } from '../../domain/resize/request/request.ts'
import { validateResize } from '../../domain/resize/validation/validate-resize.ts'
import { parseQuantity } from '../../domain/quantity.ts'
import { prepareSize } from '../../operate/resize/prepare-resize.ts'
import type { ClusterFacts } from '../../operate/cluster/cluster-facts.ts'
import type {
  PatchAnswer,
  PodClient,
  ResizePatch,
  ResourcesPatch,
} from '../../operate/cluster/pod-client.ts'
import { resourcesAt } from '../../operate/pod-part.ts'
import { usageError } from '../cli-error.ts'

/** The size of a node that is only thought of. */
export interface ImaginedNode {
  readonly cpu?: string
  readonly memory?: string
}

const nodeName = 'node'

/**
 * Reads the pods of a manifest: YAML or JSON, several documents, Lists, and a pod of each workload.
 * `-` is standard input.
 */
export async function readPodFile(file: string): Promise<readonly Pod[]> {
  const { parseAllDocuments } = await import('yaml')
  const text = textOf(file)
  const documents = parseAllDocuments(text)
  const found = [...documents].flatMap((document) => {
    const [problem] = document.errors
    if (problem !== undefined) {
      const [line = ''] = problem.message.split('\n')
      throw usageError(`Cannot read ${file}: ${line}`)
    }
    return podsIn(document.toJS())
  })
  if (found.length === 0)
    throw usageError(`Cannot plan with ${file}: there is no pod in it, and no template of one`)
  return found.map((pod) => asRunning(pod, file))
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const known: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a directory',
    }
    throw usageError(`Cannot read ${file}: ${known[code ?? ''] ?? message}`)
  }
}

/** A pod, a list, or a workload with a template of pods, as far as it is to be looked into. */
interface Manifest {
  readonly kind?: string
  readonly items?: readonly unknown[]
  readonly metadata?: Pod['metadata']
  readonly spec?: Templated & { readonly jobTemplate?: { readonly spec?: Templated } }
}

interface Templated {
  readonly template?: Pick<Pod, 'spec'> & Partial<Pod>
}

/** The pods of a document; of a workload one, which has its name. */
function podsIn(value: unknown): readonly Pod[] {
  if (typeof value !== 'object' || value === null) return []
  const { kind, items, metadata, spec } = value as Manifest
  if (Array.isArray(items)) return items.flatMap(podsIn)
  if (kind === 'Pod') return [value as Pod]
  const template = spec?.template ?? spec?.jobTemplate?.spec?.template
  if (metadata === undefined || template?.spec === undefined) return []
  const { name, namespace } = metadata
  const whose = namespace === undefined ? { name } : { name, namespace }
  return [{ ...template, metadata: { ...template.metadata, ...whose } }]
}

/** The pod as it would be once it runs with the size of its manifest. */
function asRunning(pod: Pod, file: string): Pod {
  const name = pod.metadata?.name
  if (!name || !Array.isArray(pod.spec?.containers)) {
    throw usageError(`Cannot plan with ${file}: a pod in it has no name or no containers`)
  }
  const malformed = findMalformedQuantity(pod.spec)
  if (malformed !== undefined) {
    throw usageError(`Cannot plan with ${file}: ${malformed.field} of pod ${name} is no quantity`)
  }
  const spec = withResourceDefaults(pod.spec, defaultVersion)
  const status = ({ name, resources }: Container): ContainerStatus => ({
    name,
    ready: true,
    restartCount: 0,
    image: '',
    imageID: '',
    state: { running: {} },
    ...(resources?.requests && { allocatedResources: resources.requests }),
    ...(resources && { resources }),
  })
  const sidecars = spec.initContainers?.filter(isSidecar)
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      uid: pod.metadata.uid ?? `${pod.metadata.namespace ?? ''}/${name}`,
    },
    spec: { ...spec, nodeName },
    status: {
      phase: 'Running',
      containerStatuses: spec.containers.map(status),
      ...(sidecars && { initContainerStatuses: sidecars.map(status) }),
    },
  }
}

/** The pods of a manifest in the place of a cluster's: patches are tried by the rules of the API server. */
export function filePodClient(pods: readonly Pod[]): PodClient {
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

/**
 * A node of the size that the flags name, with nothing on it.
 *
 * @throws CliError (usage) if one of them is no quantity.
 */
export function imaginedFacts({ cpu, memory }: ImaginedNode): ClusterFacts {
  for (const text of [cpu, memory]) {
    if (text !== undefined && parseQuantity(text) === undefined) {
      throw usageError(`Cannot use '${text}' as the size of a node: it is no quantity`)
    }
  }
  return {
    version: () => Promise.resolve(defaultVersion),
    node: () => {
      if (cpu === undefined || memory === undefined) {
        const why = 'no node was given (--node-cpu, --node-memory), so room is not judged'
        return Promise.resolve({ kind: 'unseen', why })
      }
      const allocatable = { cpu, memory, pods: '110' }
      return Promise.resolve({
        kind: 'seen',
        seen: { name: nodeName, node: { allocatable }, kubelet: {}, pods: [] },
      })
    },
  }
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
