import { apiVersion, type Kind } from './kind.ts'

/** Finds kinds by what a path names. Rows may be added later (custom resources). */
export class KindTable {
  readonly #byPath = new Map<string, Kind>()

  constructor(kinds: readonly Kind[]) {
    for (const kind of kinds) this.#byPath.set(pathKey(kind.group, kind.version, kind.plural), kind)
  }

  all(): readonly Kind[] {
    return [...this.#byPath.values()]
  }

  find(group: string, version: string, plural: string): Kind | undefined {
    return this.#byPath.get(pathKey(group, version, plural))
  }

  /** Group and version of everything served, core first. */
  groupVersions(): readonly { readonly group: string; readonly version: string }[] {
    const found = new Map(this.all().map((kind) => [apiVersion(kind), kind]))
    return [...found.values()]
      .map(({ group, version }) => ({ group, version }))
      .sort((a, b) => a.group.localeCompare(b.group))
  }

  ofVersion(group: string, version: string): readonly Kind[] {
    return this.all().filter((kind) => kind.group === group && kind.version === version)
  }
}

function pathKey(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`
}
