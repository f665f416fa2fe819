import type { PatchAnswer, PodClient, PodRef } from '../cluster/pod-client.ts'
import type { PreparedResize } from './prepare-resize.ts'

/** What the API server says to a new size. */
export type SizeAnswer = Exclude<PatchAnswer, { readonly kind: 'noSubresource' }>

/**
 * Asks the API server for the size: by `pods/resize`, or on the pod itself where the server does
 * not know that (before 1.32).
 *
 * @throws what the client throws when it gets no answer, and the signal's reason.
 */
export async function patchSize(
  client: PodClient,
  ref: PodRef,
  { patch }: PreparedResize,
  { dryRun }: { readonly dryRun: boolean },
  signal: AbortSignal,
): Promise<SizeAnswer> {
  const answer = await client.patch(ref, patch, { subresource: 'resize', dryRun }, signal)
  if (answer.kind !== 'noSubresource') return answer
  const old = await client.patch(ref, patch, { subresource: undefined, dryRun }, signal)
  return old.kind === 'noSubresource' ? { kind: 'missing' } : old
}
