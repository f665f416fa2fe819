import { apiVersion, verbsOf, type Kind } from '../kind/kind.ts'
import type { KindTable } from '../kind/kind-table.ts'

/** `/`: every path that is more than an object or a collection. */
export function rootPaths(kinds: KindTable) {
  const versions = kinds.groupVersions().map(({ group, version }) => {
    return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  })
  const groups = groupNames(kinds).map((group) => `/apis/${group}`)
  return { paths: [...ownPaths, ...versions, ...groups].sort() }
}

const ownPaths = [
  '/.well-known/openid-configuration',
  '/api',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/version',
]

/** `/api` */
export function apiVersions(serverAddress: string) {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }
}

/** `/apis` */
export function apiGroupList(kinds: KindTable) {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupNames(kinds).map((group) => groupEntry(kinds, group)),
  }
}

/** `/apis/GROUP`; undefined when there is no such group. */
export function apiGroup(kinds: KindTable, group: string) {
  if (!groupNames(kinds).includes(group)) return undefined
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(kinds, group) }
}

/** `/api/v1` and `/apis/GROUP/VERSION`; undefined when there is nothing in it. */
export function apiResourceList(kinds: KindTable, group: string, version: string) {
  const served = kinds.ofVersion(group, version)
  if (served.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    // The core group's list leaves it out, as upstream.
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersion({ group, version }),
    resources: served.flatMap(resourceEntries).sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

/** The groups other than core, sorted. */
export function groupNames(kinds: KindTable): readonly string[] {
  return [...new Set(kinds.groupVersions().map(({ group }) => group))].filter((g) => g !== '')
}

function groupEntry(kinds: KindTable, group: string) {
  const versions = kinds
    .groupVersions()
    .filter((served) => served.group === group)
    .map(({ version }) => ({ groupVersion: `${group}/${version}`, version }))
  return { name: group, versions, preferredVersion: versions[0] }
}

function resourceEntries(kind: Kind) {
  const { plural, singular, namespaced, shortNames, categories } = kind
  const main = {
    name: plural,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs: [...verbsOf(kind)] as string[],
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
  }
  const parts = (kind.subresources ?? []).map(({ name, verbs, responseKind }) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...(responseKind === undefined || isCore(responseKind)
      ? {}
      : { group: responseKind.group, version: responseKind.version }),
    kind: responseKind?.kind ?? kind.kind,
    verbs: [...verbs] as string[],
  }))
  return [main, ...parts]
}

function isCore({ group }: { readonly group: string }): boolean {
  return group === ''
}
