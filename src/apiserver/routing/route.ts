import { isTrue } from '../../domain/query/query-boolean.ts'
import type { Call } from '../call.ts'
import { verbsOf, type Verb } from '../kind/kind.ts'
import { acceptObject } from '../rest/accept.ts'
import { getComputed, listComputed } from '../rest/computed.ts'
import { createObject } from '../rest/create.ts'
import { deleteCollection } from '../rest/delete-collection.ts'
import { deleteObject } from '../rest/delete.ts'
import { getObject } from '../rest/get.ts'
import { listObjects } from '../rest/list.ts'
import { patchObject } from '../rest/patch.ts'
import { updateObject } from '../rest/update.ts'
import { checkWriteOptions } from '../rest/write-options.ts'
import { methodNotAllowed } from '../status-error.ts'
import { watchObjects } from '../watch/watch.ts'

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
  create: (call) => (call.target.kind.handleCreate ?? createObject)(call),
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
  const { name, subresource, namespace, kind, watched } = call.target
  const single = name !== undefined
  const { method } = call.request
  if (watched) return method === 'GET' ? 'watch' : undefined
  switch (method) {
    case 'GET':
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
