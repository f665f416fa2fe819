import { isCriError } from './connection/cri-error.ts'
import { containerPlace, type ContainerPlace } from './container/container-place.ts'
import { createCriRuntime } from './create-cri-runtime.ts'

export type PlaceAnswer =
  | { readonly kind: 'place'; readonly place: ContainerPlace }
  /** The runtime has no such container. */
  | { readonly kind: 'unknown' }
  /** The runtime does not answer, or not this question. */
  | { readonly kind: 'failed'; readonly why: string }

export interface PlaceQuestions {
  /** @throws only the reason of `signal`. */
  ask(containerId: string, signal: AbortSignal): Promise<PlaceAnswer>
}

/** A runtime that answers at all does so in a few milliseconds. */
const answerWithinMs = 500

/** Asks the runtime at `endpoint` where its containers are. */
export function placeQuestions(endpoint: string): PlaceQuestions {
  const runtime = createCriRuntime({ endpoint })
  return {
    async ask(containerId, signal) {
      try {
        const info = await runtime.containerInfo(containerId, { signal, timeoutMs: answerWithinMs })
        return { kind: 'place', place: containerPlace(info) }
      } catch (error) {
        signal.throwIfAborted()
        if (isCriError(error, 'notFound')) return { kind: 'unknown' }
        return { kind: 'failed', why: error instanceof Error ? error.message : String(error) }
      }
    },
  }
}
