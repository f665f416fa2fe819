import type { JsonObject } from '../../schema/json-value.ts'
import { fieldReference, resourceReference } from './container-defaults.ts'
import { fill, mapList, mapObject } from './fill.ts'
import { defaultPullPolicy } from './pull-policy.ts'

/** 0644, the mode of files that Kubernetes writes into volumes. */
const fileMode = 420

/** One volume as kube-apiserver completes it. One without a source is an empty directory. */
export function defaultVolume(volume: JsonObject): JsonObject {
  const sources = Object.keys(volume).filter((key) => key !== 'name')
  if (sources.length === 0) return { ...volume, emptyDir: {} }
  return Object.entries(completions).reduce(
    (result, [source, complete]) => mapObject(result, source, complete),
    volume,
  )
}

const completions: Readonly<Record<string, (source: JsonObject) => JsonObject>> = {
  configMap: (source) => fill(source, { defaultMode: fileMode }),
  downwardAPI: (source) => mapList(fill(source, { defaultMode: fileMode }), 'items', downwardItem),
  hostPath: (source) => (source['type'] === undefined ? { ...source, type: '' } : source),
  image: (source) => {
    const reference = typeof source['reference'] === 'string' ? source['reference'] : ''
    return fill(source, { pullPolicy: defaultPullPolicy(reference) })
  },
  projected: (source) =>
    mapList(fill(source, { defaultMode: fileMode }), 'sources', projectedSource),
  secret: (source) => fill(source, { defaultMode: fileMode }),
}

function downwardItem(item: JsonObject): JsonObject {
  return mapObject(
    mapObject(item, 'fieldRef', fieldReference),
    'resourceFieldRef',
    resourceReference,
  )
}

function projectedSource(source: JsonObject): JsonObject {
  const withToken = mapObject(source, 'serviceAccountToken', (token) =>
    fill(token, { expirationSeconds: 3600 }),
  )
  return mapObject(withToken, 'downwardAPI', (api) => mapList(api, 'items', downwardItem))
}
