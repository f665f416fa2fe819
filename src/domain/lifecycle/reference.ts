import { allContainers, type PodSpec } from '../pod.ts'
import type { ProjectedPart, Volume } from '../pod/volume.ts'

/** A ConfigMap or Secret of the pod's namespace that the pod cannot do without, or may use. */
export interface Reference {
  readonly kind: ReferenceKind
  readonly name: string
}

export type ReferenceKind = 'configmap' | 'secret'

/** What a ConfigMap or Secret holds, by key. */
export type Contents = ReadonlyMap<string, Uint8Array>

/** Undefined when there is no such object. */
export type LookUp = (reference: Reference) => Contents | undefined

/** A ConfigMap or Secret as the API gives it. `data` of a Secret and `binaryData` are base64. */
export interface ReferencedObject {
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

const encoder = new TextEncoder()

export function contentsOf(kind: ReferenceKind, object: ReferencedObject): Contents {
  const data = Object.entries(object.data ?? {})
  if (kind === 'secret') return new Map(data.map(([key, value]) => [key, fromBase64(value)]))
  const binary = Object.entries(object.binaryData ?? {})
  return new Map([
    ...data.map(([key, value]) => [key, encoder.encode(value)] as const),
    ...binary.map(([key, value]) => [key, fromBase64(value)] as const),
  ])
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.codePointAt(0) ?? 0)
}

/** Every ConfigMap and Secret that the pod's volumes, environment and image pulls name, each once. */
export function referencesOf(spec: PodSpec): readonly Reference[] {
  const all = [
    ...environmentReferences(spec),
    ...(spec.volumes ?? []).flatMap(volumeReferences),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }) => pair(undefined, name)),
  ]
  const named = all.filter(({ name }) => name !== '')
  return [...new Map(named.map((one) => [`${one.kind}/${one.name}`, one])).values()]
}

function environmentReferences(spec: PodSpec): Reference[] {
  const containers = allContainers(spec)
  const sources = containers.flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.map((one) => [one.configMapRef?.name, one.secretRef?.name]),
    ...env.map(({ valueFrom }) => [
      valueFrom?.configMapKeyRef?.name,
      valueFrom?.secretKeyRef?.name,
    ]),
  ])
  return sources.flatMap(([configMap, secret]) => pair(configMap, secret))
}

function volumeReferences({ configMap, secret, projected }: Volume): Reference[] {
  const parts: readonly ProjectedPart[] = projected?.sources ?? []
  return [
    ...pair(configMap?.name, secret?.secretName),
    ...parts.flatMap((part) => pair(part.configMap?.name, part.secret?.name)),
  ]
}

function pair(configMap: string | undefined, secret: string | undefined): Reference[] {
  return [
    ...(configMap === undefined ? [] : [{ kind: 'configmap', name: configMap } as const]),
    ...(secret === undefined ? [] : [{ kind: 'secret', name: secret } as const]),
  ]
}
