import { patchTypeOf, patchTypes, type PatchType } from '../patch/patch-types.ts'
import { unsupportedMediaType } from '../status-error.ts'
import { mediaType } from './read-body.ts'

/**
 * The type of the request's patch.
 *
 * @throws StatusError 415 for any that the server does not apply.
 */
export function readPatchType(request: Request): PatchType {
  const type = patchTypeOf(request.headers.get('content-type') ?? '')
  if (type !== undefined) return type
  const got = mediaType(request)
  const hint = got.startsWith('application/apply-patch+')
    ? '; podfit has no server-side apply: apply without --server-side'
    : ''
  throw unsupportedMediaType(got, Object.values(patchTypes), hint)
}
