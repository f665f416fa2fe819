import type { ConfigMapSource, DownwardSource, ProjectedPart, Volume } from '../volume.ts'
import { containerNamed, lookUpOr, Missing, type Sources } from './environment.ts'
import { fieldValue } from './field-value.ts'
import type { ReferenceKind } from './reference.ts'
import { resourceFieldValue } from './resource-field-value.ts'

export interface VolumeFile {
  readonly data: Uint8Array
  /** Permission bits, 0 to 0o777. */
  readonly mode: number
}

/** Files by their path below the volume. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>

export type FilesOfVolume =
  | { readonly kind: 'files'; readonly files: VolumeFiles }
  | { readonly kind: 'missing'; readonly message: string }
  /** Not a volume of files that the node writes. */
  | { readonly kind: 'other' }

const defaultMode = 0o644
const encoder = new TextEncoder()

/** What a configMap, secret, downwardAPI or projected volume holds now. */
export function filesOfVolume(volume: Volume, sources: Sources): FilesOfVolume {
  const parts = partsOf(volume)
  if (parts === undefined) return { kind: 'other' }
  try {
    return {
      kind: 'files',
      files: new Map(parts.flatMap((part) => [...filesOfPart(part, sources)])),
    }
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    return { kind: 'missing', message: error.message }
  }
}

/** Every such volume as if it were a projected one. */
function partsOf(volume: Volume): readonly ProjectedPart[] | undefined {
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap !== undefined) return [{ configMap }]
  if (secret !== undefined) {
    const { secretName, ...rest } = secret
    return [{ secret: { ...rest, ...(secretName === undefined ? {} : { name: secretName }) } }]
  }
  if (downwardAPI !== undefined) return [{ downwardAPI }]
  if (projected === undefined) return undefined
  const mode = projected.defaultMode ?? defaultMode
  return (projected.sources ?? []).map(({ configMap, secret, downwardAPI, ...rest }) => ({
    ...rest,
    ...(configMap && { configMap: { ...configMap, defaultMode: mode } }),
    ...(secret && { secret: { ...secret, defaultMode: mode } }),
    ...(downwardAPI && { downwardAPI: { ...downwardAPI, defaultMode: mode } }),
  }))
}

function filesOfPart(part: ProjectedPart, sources: Sources): VolumeFiles {
  if (part.configMap !== undefined) return filesOfObject('configmap', part.configMap, sources)
  if (part.secret !== undefined) return filesOfObject('secret', part.secret, sources)
  if (part.downwardAPI !== undefined) return filesOfPod(part.downwardAPI, sources)
  if (part.serviceAccountToken !== undefined) {
    throw new Missing('this node has no service account tokens: its API server issues none')
  }
  return new Map()
}

function filesOfObject(
  kind: ReferenceKind,
  { name = '', items, optional, ...source }: ConfigMapSource,
  { lookUp, pod }: Sources,
): VolumeFiles {
  const mode = source.defaultMode ?? defaultMode
  const contents = lookUpOr(lookUp, { kind, name }, optional)
  if (contents === undefined) return new Map()
  if (items === undefined || items.length === 0) {
    return new Map([...contents].map(([key, data]) => [key, { data, mode }]))
  }
  const files = new Map<string, VolumeFile>()
  for (const item of items) {
    const data = contents.get(item.key)
    if (data !== undefined) files.set(item.path, { data, mode: item.mode ?? mode })
    else if (optional !== true) {
      const namespace = pod.metadata.namespace ?? 'default'
      throw new Missing(
        `references non-existent ${kind} key: ${item.key} in ${kind} ${namespace}/${name}`,
      )
    }
  }
  return files
}

function filesOfPod(
  { items = [], ...source }: DownwardSource,
  { pod, place, allocatable }: Sources,
): VolumeFiles {
  return new Map(
    items.map(({ path, mode, fieldRef, resourceFieldRef }) => {
      let text = fieldRef === undefined ? undefined : fieldValue(pod, place, fieldRef.fieldPath)
      if (resourceFieldRef !== undefined) {
        const of = containerNamed(pod, resourceFieldRef.containerName)
        if (of === undefined) throw new Missing(`no container ${resourceFieldRef.containerName}`)
        text = resourceFieldValue(pod.spec, of, resourceFieldRef, allocatable)
      }
      if (text === undefined) throw new Missing(`cannot resolve the downward API file ${path}`)
      return [path, { data: encoder.encode(text), mode: mode ?? source.defaultMode ?? defaultMode }]
    }),
  )
}
