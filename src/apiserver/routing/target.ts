import type { Target } from '../call.ts'
import type { KindTable } from '../kind/kind-table.ts'
import { verbsOf } from '../kind/kind.ts'
import { notServed, unknownPath } from '../status-error.ts'

/**
 * Reads a path below `/api` or `/apis` against the table of kinds.
 *
 * @throws StatusError 404 when no kind of the table is named by it.
 */
export function targetOf(kinds: KindTable, pathname: string): Target {
  const literal = pathname.split('/')
  const parts = pathname.includes('%') ? literal.map(decodePart) : literal
  const core = parts[1] === 'api'
  const group = core ? '' : parts[2]
  const version = parts[core ? 2 : 3]
  const rest = parts.slice(core ? 3 : 4)
  if (rest.at(-1) === '') rest.pop()
  if (group === undefined || version === undefined || rest.length === 0) throw unknownPath()
  if (rest[0] === 'watch') return watchedTarget(kinds, group, version, rest.slice(1))
  const target = inNamespace(kinds, group, version, rest) ?? anywhere(kinds, group, version, rest)
  if (target === undefined) {
    const plural = (rest[0] === 'namespaces' ? rest[2] : undefined) ?? rest[0] ?? ''
    throw kinds.find(group, version, plural) ? unknownPath() : notServed({ group, plural })
  }
  const { subresource } = target
  const known = target.kind.subresources ?? []
  if (subresource !== undefined && !known.some(({ name }) => name === subresource)) {
    throw unknownPath()
  }
  return target
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw unknownPath()
  }
}

/**
 * `watch/` before the path of a collection or an object: how watches were asked for before there
 * was a parameter for it. kube-apiserver still serves it, and old clients still use it.
 */
function watchedTarget(
  kinds: KindTable,
  group: string,
  version: string,
  parts: readonly string[],
): Target {
  const target = inNamespace(kinds, group, version, parts) ?? anywhere(kinds, group, version, parts)
  if (target === undefined || target.subresource !== undefined) throw unknownPath()
  if (!verbsOf(target.kind).includes('watch')) throw unknownPath()
  return { ...target, watched: true }
}

/** `namespaces/N/PLURAL[/NAME[/SUBRESOURCE]]` */
function inNamespace(
  kinds: KindTable,
  group: string,
  version: string,
  parts: readonly string[],
): Target | undefined {
  const [head, namespace, plural, name, subresource, ...more] = parts
  if (head !== 'namespaces' || namespace === undefined || plural === undefined) return undefined
  const kind = kinds.find(group, version, plural)
  if (kind === undefined || !kind.namespaced || more.length > 0) return undefined
  return {
    kind,
    namespace,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}

/** `PLURAL[/NAME[/SUBRESOURCE]]`; without a namespace only the collection of all of them. */
function anywhere(
  kinds: KindTable,
  group: string,
  version: string,
  parts: readonly string[],
): Target | undefined {
  const [plural = '', name, subresource, ...more] = parts
  const kind = kinds.find(group, version, plural)
  if (kind === undefined || more.length > 0) return undefined
  if (kind.namespaced) return name === undefined ? { kind } : undefined
  return {
    kind,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}
