import { readFileSync } from 'node:fs'
import { isSidecar, type Container, type ContainerStatus, type Pod } from '../../domain/pod.ts'
import { defaultVersion } from '../../domain/kube-version.ts'
import {
  findMalformedQuantity,
  withResourceDefaults,
} from '../../domain/resize/request/defaults.ts'
import { usageError } from '../cli-error.ts'
import { imaginedNode } from './imagined-node.ts'

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
      throw usageError(`Cannot read ${file}: ${line.replace(/:$/, '')}`)
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
    spec: { ...spec, nodeName: imaginedNode },
    status: {
      phase: 'Running',
      containerStatuses: spec.containers.map(status),
      ...(sidecars && { initContainerStatuses: sidecars.map(status) }),
    },
  }
}
