import type { ConfigMapSource, DownwardSource, ProjectedPart, Volume } from '../pod/volume.ts'
import { containerNamed, lookUpOr, Missing, type Sources } from './environment.ts'
import { fieldValue } from './field-value.ts'
import type { ReferenceKind } from './reference.ts'
import { resourceFieldValue } from './resource-field-value.ts'
import { tokenWish } from './token-wish.ts'

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

/** Whether the node writes what the volume holds, so that nobody else may. */
export function isOfNode(volume: Volume): boolean {
  return partsOf(volume) !== undefined
}

const defaultMode = 0o644
const encoder = new TextEncoder()

/** What a configMap, secret, downwardAPI or projected volume holds now. */
export function filesOfVolume(volume: Volume, sources: Sources): FilesOfVolume {
  const parts = partsOf(volume)
  if (parts === undefined) return { kind: 'other' }
  const volumeMode = volume.projected?.defaultMode ?? defaultMode
  try {
    return {
      kind: 'files',
      files: new Map(parts.flatMap((part) => [...filesOfPart(part, volumeMode, sources)])),
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

function filesOfPart(part: ProjectedPart, volumeMode: number, sources: Sources): VolumeFiles {
  if (part.configMap !== undefined) return filesOfObject('configmap', part.configMap, sources)
  if (part.secret !== undefined) return filesOfObject('secret', part.secret, sources)
  if (part.downwardAPI !== undefined) return filesOfPod(part.downwardAPI, sources)
  if (part.serviceAccountToken !== undefined) {
    return tokenFile(part.serviceAccountToken, volumeMode, sources)
  }
  return new Map()
}

/** Where files have a group, nobody outside of it reads the token. */
function tokenFile(
  source: NonNullable<ProjectedPart['serviceAccountToken']>,
  volumeMode: number,
  { pod, token }: Sources,
): VolumeFiles {
  const found = token(tokenWish(source))
  if (found === undefined) {
    const account = pod.spec.serviceAccountName ?? 'default'
    throw new Missing(`failed to fetch token: there is none for service account ${account} yet`)
  }
  const mode = pod.spec.securityContext?.fsGroup === undefined ? volumeMode : 0o600
  return new Map([[source.path, { data: encoder.encode(found), mode }]])
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
