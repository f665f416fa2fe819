import type { Call } from '../call.ts'
import type { Subresource } from '../kind/kind.ts'
import { acceptStatus } from '../rest/accept.ts'
import type { Accept } from '../rest/change.ts'
import { getObject } from '../rest/get.ts'
import { patchObject } from '../rest/patch.ts'
import { updateObject } from '../rest/update.ts'

/** A subresource that shows the whole object and lets a part of it be changed. */
export function partialSubresource(name: string, accept: Accept): Subresource {
  return {
    name,
    verbs: ['get', 'patch', 'update'],
    handle: (call: Call) => {
      switch (call.request.method) {
        case 'PUT':
          return updateObject(call, accept)
        case 'PATCH':
          return patchObject(call, accept)
        default:
          return getObject(call)
      }
    },
  }
}

export const statusSubresource = partialSubresource('status', acceptStatus)
