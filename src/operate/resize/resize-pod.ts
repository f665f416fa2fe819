import type { PodRef } from '../cluster/pod-client.ts'
import type { PreparedResize } from './prepare-resize.ts'
import type { ResizeEnd } from './resize-end.ts'
import { asksForTarget, type ResizeTarget } from './follow/resize-target.ts'
import {
  type ResizeOptions,
  type ResizePorts,
  sendAndFollow,
  watchEnded,
} from './send-and-follow.ts'

/**
 * Sends a prepared resize and follows it until it is done, refused, or the time is
 * up. The watch is open before the patch is sent, so that nothing is missed; only
 * the cgroup files, which tell nobody when they change, are read in short intervals.
 *
 * @throws what the client throws when it gets no answer, and the signal's reason.
 */
export async function resizePod(
  ports: ResizePorts,
  ref: PodRef,
  resize: PreparedResize,
  options: ResizeOptions,
): Promise<ResizeEnd> {
  const watching = new AbortController()
  const signal = AbortSignal.any([options.signal, watching.signal])
  const sightings = ports.client.watch(ref, signal)[Symbol.asyncIterator]()
  try {
    const first = await sightings.next()
    // Whoever breaks it off ends the watch, which is no word about the pod.
    options.signal.throwIfAborted()
    if (first.done === true) throw new Error(watchEnded)
    if (first.value.kind === 'missing') return { kind: 'missing' }
    const { pod } = first.value
    const asRead: ResizeTarget = {
      before: pod,
      wanted: resize.read,
      part: resize.change.container,
      restarting: [],
      generation: undefined,
    }
    if (!asksForTarget(asRead, pod)) return { kind: 'changedMeanwhile', pod }
    return await sendAndFollow(ports, ref, resize, pod, sightings, options)
  } finally {
    watching.abort()
  }
}
