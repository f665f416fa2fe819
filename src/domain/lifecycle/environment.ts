import type { EnvVarSource } from '../pod/env-source.ts'
import { allContainers, type Container, type Pod, type ResourceList } from '../pod.ts'
import { expand } from './expand.ts'
import { fieldValue, type PodPlace } from './field-value.ts'
import type { Contents, LookUp, Reference, ReferenceKind } from './reference.ts'
import { resourceFieldValue } from './resource-field-value.ts'
import type { TokenWish } from './token-wish.ts'

/** What the pod's environment and volumes are made from. */
export interface Sources {
  /** With the allocated resources in its spec. */
  readonly pod: Pod
  readonly place: PodPlace
  /** What this node has for pods. */
  readonly allocatable: ResourceList
  /** Where programs in the pod find the API, if they do. */
  readonly api?: { readonly host: string; readonly port: number }
  readonly lookUp: LookUp
  /** Undefined while the API has given none. */
  readonly token: (wish: TokenWish) => string | undefined
}

export interface Variable {
  readonly key: string
  readonly value: string
}

export type Environment =
  | { readonly kind: 'ready'; readonly variables: readonly Variable[] }
  /** Something that is not optional is not there (yet). */
  | { readonly kind: 'missing'; readonly message: string }

const decoder = new TextDecoder()

/**
 * The environment of one container: whole ConfigMaps and Secrets first, then its
 * own variables in order, which may refer to those before them by `$(NAME)`.
 *
 * @see kubelet's makeEnvironmentVariables.
 */
export function environmentOf(container: Container, sources: Sources): Environment {
  const variables = new Map(apiVariables(sources))
  try {
    for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
      const contents = [
        ...wholeObject(sources.lookUp, 'configmap', configMapRef),
        ...wholeObject(sources.lookUp, 'secret', secretRef),
      ]
      for (const [key, value] of contents) variables.set(prefix + key, decoder.decode(value))
    }
    for (const { name, value, valueFrom } of container.env ?? []) {
      const found =
        valueFrom === undefined
          ? expand(value ?? '', variables)
          : valueOf(valueFrom, container, sources)
      if (found !== undefined) variables.set(name, found)
    }
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    return { kind: 'missing', message: error.message }
  }
  return { kind: 'ready', variables: [...variables].map(([key, value]) => ({ key, value })) }
}

/** By these, in-cluster clients know where they are. */
function apiVariables({ api }: Sources): readonly (readonly [string, string])[] {
  if (api === undefined) return []
  const { host, port } = api
  return [
    ['KUBERNETES_SERVICE_HOST', host],
    ['KUBERNETES_SERVICE_PORT', String(port)],
    ['KUBERNETES_SERVICE_PORT_HTTPS', String(port)],
  ]
}

/** What a pod refers to and cannot do without is not there. */
export class Missing extends Error {}

/**
 * What an object holds; undefined if it is optional and not there.
 *
 * @throws Missing
 */
export function lookUpOr(
  lookUp: LookUp,
  reference: Reference,
  optional: boolean | undefined,
): Contents | undefined {
  const contents = lookUp(reference)
  if (contents === undefined && optional !== true) {
    throw new Missing(`${reference.kind} "${reference.name}" not found`)
  }
  return contents
}

function wholeObject(
  lookUp: LookUp,
  kind: ReferenceKind,
  source: { readonly name?: string; readonly optional?: boolean } | undefined,
): Contents {
  if (source === undefined) return new Map()
  return lookUpOr(lookUp, { kind, name: source.name ?? '' }, source.optional) ?? new Map()
}

/** Undefined for an optional source that is not there: the variable is left out. */
function valueOf(
  { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef }: EnvVarSource,
  container: Container,
  { pod, place, allocatable, lookUp }: Sources,
): string | undefined {
  const reference = configMapKeyRef ?? secretKeyRef
  if (reference !== undefined) {
    const kind = configMapKeyRef === undefined ? 'secret' : 'configmap'
    const { name = '', key, optional } = reference
    const value = lookUpOr(lookUp, { kind, name }, optional)?.get(key)
    if (value !== undefined) return decoder.decode(value)
    if (optional === true) return undefined
    const namespace = pod.metadata.namespace ?? 'default'
    const title = kind === 'secret' ? 'Secret' : 'ConfigMap'
    throw new Missing(`couldn't find key ${key} in ${title} ${namespace}/${name}`)
  }
  if (fieldRef !== undefined) {
    const value = fieldValue(pod, place, fieldRef.fieldPath)
    if (value === undefined) throw new Missing(`unsupported fieldPath: ${fieldRef.fieldPath}`)
    return value
  }
  if (resourceFieldRef === undefined) return ''
  const of = containerNamed(pod, resourceFieldRef.containerName) ?? container
  const value = resourceFieldValue(pod.spec, of, resourceFieldRef, allocatable)
  if (value === undefined) {
    throw new Missing(`unsupported container resource: ${resourceFieldRef.resource}`)
  }
  return value
}

export function containerNamed({ spec }: Pod, name: string | undefined): Container | undefined {
  return allContainers(spec).find((one) => one.name === name)
}
