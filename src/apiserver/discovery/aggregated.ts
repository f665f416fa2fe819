import { verbsOf, type Kind } from '../kind/kind.ts'
import type { KindTable } from '../kind/kind-table.ts'
import { groupNames } from './legacy.ts'

/** How kubectl 1.27 and later ask for all of discovery in two requests. */
const format = /^application\/json\s*;(?=.*g=apidiscovery\.k8s\.io)(?=.*as=APIGroupDiscoveryList)/
const versions = ['v2', 'v2beta1'] as const

type DiscoveryVersion = (typeof versions)[number]

/** The version of aggregated discovery that the client prefers, if it wants it at all. */
export function wantedDiscovery(accept: string | null): DiscoveryVersion | undefined {
  for (const clause of (accept ?? '').split(',')) {
    const text = clause.trim()
    if (/^application\/json\s*$/.test(text)) return undefined
    if (!format.test(text)) continue
    const version = /;\s*v=(\w+)/.exec(text)?.[1]
    const found = versions.find((known) => known === version)
    if (found !== undefined) return found
  }
  return undefined
}

export function discoveryContentType(version: DiscoveryVersion): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
}

/** What `/api` (core) or `/apis` (the other groups) serves, in one document. */
export function groupDiscoveryList(kinds: KindTable, core: boolean, version: DiscoveryVersion) {
  const groups = core ? [''] : groupNames(kinds)
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? {} : { name: group },
      versions: kinds
        .groupVersions()
        .filter((served) => served.group === group)
        .map((served) => ({
          version: served.version,
          resources: kinds.ofVersion(group, served.version).map(resourceEntry),
          freshness: 'Current',
        })),
    })),
  }
}

function resourceEntry(kind: Kind) {
  const { group, version, plural, singular, namespaced, shortNames, categories } = kind
  const subresources = (kind.subresources ?? []).map(({ name, verbs, responseKind }) => ({
    subresource: name,
    responseKind: responseKind ?? { group, version, kind: kind.kind },
    verbs,
  }))
  return {
    resource: plural,
    responseKind: { group, version, kind: kind.kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(kind),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  }
}
