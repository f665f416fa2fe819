import { verbsOf, type Verb } from '../kinds/kind.ts'
import { methodNotAllowed, unknownPath } from '../status-error.ts'
import { watchObjects } from '../watch/watch.ts'
import { acceptObject } from './accept.ts'
import type { Call, Target } from './call.ts'
import type { KindTable } from '../kinds/kind-table.ts'
import { getComputed, listComputed } from './computed.ts'
import { createObject } from './create.ts'
import { deleteCollection } from './delete-collection.ts'
import { deleteObject } from './delete.ts'
import { getObject } from './get.ts'
import { isTrue } from './list-options.ts'
import { listObjects } from './list.ts'
import { patchObject } from './patch.ts'
import { updateObject } from './update.ts'
import { checkWriteOptions } from './write-options.ts'

/**
 * Reads a path below `/api` or `/apis` against the table of kinds.
 *
 * @throws StatusError 404 when no kind of the table is named by it.
 */
export function targetOf(kinds: KindTable, pathname: string): Target {
  const parts = pathname.split('/').slice(1).map(decodePart)
  const core = parts[0] === 'api'
  const [group, version] = core ? ['', parts[1]] : [parts[1], parts[2]]
  const rest = parts.slice(core ? 2 : 3)
  if (rest.at(-1) === '') rest.pop()
  if (group === undefined || version === undefined || rest.length === 0) throw unknownPath()
  const target = inNamespace(kinds, group, version, rest) ?? anywhere(kinds, group, version, rest)
  if (target === undefined) throw unknownPath()
  const { subresource } = target
  const known = target.kind.subresources ?? []
  if (subresource !== undefined && !known.some(({ name }) => name === subresource)) {
    throw unknownPath()
  }
  return target
}

function decodePart(part: string): string {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    throw unknownPath()
  }
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

/** Hands the call to the handler of its verb. */
export function handle(call: Call): Promise<Response> | Response {
  const { kind, subresource } = call.target
  const verb = verbOf(call)
  if (subresource !== undefined) {
    const found = kind.subresources?.find(({ name }) => name === subresource)
    if (found === undefined || verb === undefined || !found.verbs.includes(verb)) {
      throw methodNotAllowed()
    }
    checkWriteOptions(verb, call)
    return found.handle(call)
  }
  if (verb === undefined || !verbsOf(kind).includes(verb)) throw methodNotAllowed()
  checkWriteOptions(verb, call)
  const { computed } = kind
  if (computed !== undefined) {
    return verb === 'get' ? getComputed(call, computed) : listComputed(call, computed)
  }
  return handlers[verb](call)
}

const handlers: Readonly<Record<Verb, (call: Call) => Promise<Response> | Response>> = {
  create: createObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
  get: getObject,
  list: listObjects,
  patch: (call) => patchObject(call, acceptObject),
  update: (call) => updateObject(call, acceptObject),
  watch: watchObjects,
}

/** What the call wants done; undefined for what no path offers. */
export function verbOf(call: Call): Verb | undefined {
  const { name, subresource, namespace, kind } = call.target
  const single = name !== undefined
  switch (call.request.method) {
    case 'GET':
    case 'HEAD':
      if (single) return 'get'
      return isTrue(call.query.get('watch')) ? 'watch' : 'list'
    case 'POST': {
      const placed = !kind.namespaced || namespace !== undefined
      return (single ? subresource !== undefined : placed) ? 'create' : undefined
    }
    case 'PUT':
      return single ? 'update' : undefined
    case 'PATCH':
      return single ? 'patch' : undefined
    case 'DELETE':
      if (single) return 'delete'
      return !kind.namespaced || namespace !== undefined ? 'deletecollection' : undefined
    default:
      return undefined
  }
}
