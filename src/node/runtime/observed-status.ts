import type { ObservedContainer, ObservedSandbox } from '../../domain/lifecycle/observed.ts'
import { imageAnnotation } from './labels.ts'
import type { RuntimeContainerStatus } from './runtime-container.ts'
import type { SandboxSummary } from './runtime-sandbox.ts'

/** A container as the runtime tells of it, with the last words that it left. */
export function observedContainer(
  status: RuntimeContainerStatus,
  words: string,
  sandboxId: string | undefined,
): ObservedContainer {
  const { id, metadata, state, createdAt, startedAt, finishedAt, exitCode, reason } = status
  const message = [status.message, words].filter((one) => one !== '').join(': ')
  const requestedImage = status.annotations[imageAnnotation]
  return {
    id,
    name: metadata.name,
    attempt: metadata.attempt,
    state,
    createdAt,
    image: status.image,
    imageId: status.imageRef,
    ...(sandboxId === undefined ? {} : { sandboxId }),
    ...(requestedImage === undefined ? {} : { requestedImage }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt, exitCode }),
    ...(reason === '' ? {} : { reason }),
    ...(message === '' ? {} : { message }),
  }
}

/** The same as long as it has not been started: a start that broke off has not been. */
export function unstarted(seen: ObservedContainer): ObservedContainer {
  if (seen.state !== 'exited' || seen.startedAt !== undefined) return seen
  const { finishedAt: _at, exitCode: _code, reason: _why, message: _text, ...created } = seen
  return { ...created, state: 'created' }
}

export function observedSandbox(
  status: SandboxSummary & { readonly ips: readonly string[] },
): ObservedSandbox {
  const { id, metadata, state, createdAt, ips } = status
  return { id, attempt: metadata.attempt, ready: state === 'ready', createdAt, ips }
}
