import { cannotHandle } from './decode-problem.ts'
import type { DecodeTarget } from './decode-target.ts'
import type { JsonObject, JsonValue } from './json-value.ts'
import { hasType } from './object-type.ts'

/** Where kube-apiserver keeps the types that it knows. */
const scheme = 'pkg/api/legacyscheme/scheme.go:30'

/**
 * Why `value` is not of the kind and version that are wanted; undefined if it is, or names none.
 *
 * @see Kubernetes apiserver/pkg/endpoints/handlers/rest.go, transformDecodeError
 */
export function kindMismatch(value: JsonObject, target: DecodeTarget): string | undefined {
  const apiVersion = textOf(value['apiVersion']) || target.apiVersion
  const kind = textOf(value['kind']) || target.kind
  const isTaken = apiVersion === target.apiVersion || target.alsoVersions?.includes(apiVersion)
  if (isTaken === true && kind === target.kind) return undefined
  const isKnown = hasType(`${isTaken === true ? placeOf(target) : placeIn(apiVersion)}.${kind}`)
  if (isKnown && kind === target.kind) {
    return `the API version in the data (${apiVersion}) does not match the expected API version (${target.apiVersion})`
  }
  const version = apiVersion.replace(/^.*\//, '')
  const why = isKnown
    ? `converting (${version}.${kind}) to (${goPackage(target)}.${target.kind}): unknown conversion`
    : `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "${scheme}"`
  return cannotHandle({ apiVersion, kind }, why, target)
}

function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Where the target's type is among all: `core/v1`. */
function placeOf({ type }: DecodeTarget): string {
  return type.name.slice(0, type.name.lastIndexOf('.'))
}

/** Where types of an API version are: `events/v1` for `events.k8s.io/v1`. */
function placeIn(apiVersion: string): string {
  const [version = '', group = 'core'] = apiVersion.split('/').toReversed()
  return `${group.replace(/\..*$/, '')}/${version}`
}

/** Where kube-apiserver has the type that it works with: events of both groups are one to it. */
function goPackage({ type }: DecodeTarget): string {
  const group = type.name.slice(0, type.name.indexOf('/'))
  return group === 'events' ? 'core' : group
}
