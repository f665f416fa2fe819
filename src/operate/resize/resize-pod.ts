import { type Pod } from '../../domain/pod.ts'
import { type CgroupSource } from '../cgroups/cgroup-look.ts'
import { type Clock } from '../clock.ts'
import { follow, startFollowing, type FollowState } from './follow-state.ts'
import { type KubeletOf } from '../cluster/kubelet-policies.ts'
import {
  type ApiRefusal,
  type PatchAnswer,
  type PodClient,
  type PodRef,
  type Sighting,
} from '../cluster/pod-client.ts'
import { kubeletBySight } from '../cgroups/no-quotas.ts'
import { type PreparedResize } from './prepare-resize.ts'
import { asksForTarget, type ResizeTarget } from './resize-target.ts'

export type ResizeEnd =
  /** It was sent and followed to `state.outcome`. */
  | { readonly kind: 'followed'; readonly state: FollowState }
  /** The API server said no; nothing changed. */
  | { readonly kind: 'refused'; readonly refusal: ApiRefusal }
  /** The pod went away before anything was sent. */
  | { readonly kind: 'missing' }
  /** Somebody changed the size after it was read; nothing was sent. */
  | { readonly kind: 'changedMeanwhile'; readonly pod: Pod }

export interface ResizeOptions {
  readonly timeoutMs: number
  /** @default 2000 */
  readonly graceMs?: number
  readonly signal: AbortSignal
  /** Called with each state that differs in substance from the one before, the last one too. */
  readonly onState: (state: FollowState) => void
}

export interface ResizePorts {
  readonly client: PodClient
  readonly cgroups: CgroupSource
  readonly clock: Clock
  /** How the pods' nodes are configured; without it the cgroups are held to what most nodes do. */
  readonly kubeletOf?: KubeletOf
}

/** cgroup files send no event when they change: they are read this often while awaited. */
const pollMs = 5
const slowPollMs = 50
/** Each look from inside a container starts a shell there. */
const insidePollMs = 500
/** After this long an answer is not a matter of milliseconds any more. */
const fastPollingMs = 5000

type Woken =
  | { readonly kind: 'sighting'; readonly result: IteratorResult<Sighting> }
  | { readonly kind: 'answer'; readonly answer: PatchAnswer }
  | { readonly kind: 'time' }

function waitMs(state: FollowState, now: number): number {
  const awaitsCgroup = [state.layers.containerCgroup, state.layers.podCgroup].some(
    (layer) => layer.state.kind === 'waiting',
  )
  const left = Math.max(0, state.deadline - now)
  if (!awaitsCgroup || state.look.kind === 'unseen') return left
  if (state.look.inside === true) return Math.min(left, insidePollMs)
  return Math.min(left, now - state.sentAt < fastPollingMs ? pollMs : slowPollMs)
}

async function patched(
  client: PodClient,
  ref: PodRef,
  { patch }: PreparedResize,
  signal: AbortSignal,
): Promise<PatchAnswer> {
  const answer = await client.patch(ref, patch, { subresource: 'resize', dryRun: false }, signal)
  if (answer.kind !== 'noSubresource') return answer
  return client.patch(ref, patch, { subresource: undefined, dryRun: false }, signal)
}

const watchEnded = 'The watch of the pod ended by itself'

/** Sends the patch and follows it, with the watch already open. */
async function sendAndFollow(
  ports: ResizePorts,
  ref: PodRef,
  resize: PreparedResize,
  before: Pod,
  sightings: AsyncIterator<Sighting>,
  options: ResizeOptions,
): Promise<ResizeEnd> {
  const { client, cgroups, clock, kubeletOf } = ports
  const { signal, timeoutMs, graceMs = 2000, onState } = options
  const { container, restarting } = resize.change
  const { nodeName } = before.spec
  const kubelet = nodeName === undefined ? undefined : await kubeletOf?.(nodeName, signal)
  const nextSighting = () =>
    sightings.next().then((result): Woken => ({ kind: 'sighting', result }))
  // Asking for the next sighting opens the watch.
  let sighting = nextSighting()
  sighting.catch(() => undefined)
  // One more answer from the server before the clock starts: the watch has a connection of its
  // own by then, and the patch does not have to open one.
  await client.read(ref, signal)

  const look = await cgroups.look(before, signal)
  const target: ResizeTarget = {
    before,
    wanted: resize.wanted,
    part: container,
    restarting,
    generation: undefined,
    kubelet: kubeletBySight(kubelet, before, look),
  }
  const sentAt = clock.now()
  let state = startFollowing({ target, look, sentAt, timeoutMs, graceMs })
  onState(state)

  let answer: Promise<Woken> | undefined = patched(client, ref, resize, signal).then((answer) => ({
    kind: 'answer',
    answer,
  }))
  answer.catch(() => undefined)

  while (state.outcome === undefined) {
    const awake = new AbortController()
    const time = clock
      .sleep(waitMs(state, clock.now()), AbortSignal.any([signal, awake.signal]))
      .then((): Woken => ({ kind: 'time' }))
    const woken = await Promise.race([...(answer === undefined ? [] : [answer]), sighting, time])
    const at = clock.now()
    awake.abort()
    signal.throwIfAborted()
    switch (woken.kind) {
      case 'answer':
        answer = undefined
        if (woken.answer.kind === 'missing') return { kind: 'missing' }
        if (woken.answer.kind === 'noSubresource')
          throw new TypeError('The pod itself is no subresource')
        if (woken.answer.kind === 'refused') return woken.answer
        state = follow(state, {
          kind: 'answer',
          at,
          pod: woken.answer.pod,
          look: await cgroups.look(woken.answer.pod, signal),
        })
        break
      case 'sighting': {
        if (woken.result.done === true) throw new Error(watchEnded)
        const { value } = woken.result
        sighting = nextSighting()
        sighting.catch(() => undefined)
        const pod = value.kind === 'pod' ? value.pod : state.pod
        const look = await cgroups.look(pod, signal)
        state = follow(state, { kind: 'sighting', at, sighting: value, look })
        break
      }
      case 'time':
        state = follow(state, { kind: 'look', at, look: await cgroups.look(state.pod, signal) })
        break
      default:
        return woken satisfies never
    }
    onState(state)
  }
  return { kind: 'followed', state }
}

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
