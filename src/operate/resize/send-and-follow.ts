import type { Pod } from '../../domain/pod.ts'
import type { CgroupLook, CgroupSource } from '../cgroups/cgroup-look.ts'
import { kubeletBySight } from '../cgroups/no-quotas.ts'
import type { Clock } from '../clock.ts'
import type { KubeletOf, KubeletSight } from '../cluster/kubelet-policies.ts'
import type { PodClient, PodRef, Sighting } from '../cluster/pod-client.ts'
import { follow, startFollowing } from './follow/follow.ts'
import type { FollowState } from './follow/follow-state.ts'
import { patchSize, type SizeAnswer } from './patch-size.ts'
import type { PreparedResize } from './prepare-resize.ts'
import type { ResizeEnd } from './resize-end.ts'
import type { ResizeTarget } from './follow/resize-target.ts'

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

/** Of a watch that nobody broke off. */
export const watchEnded = 'The watch of the pod ended by itself'

/** What ends a wait while a resize is followed. */
type Woken =
  | { readonly kind: 'sighting'; readonly result: IteratorResult<Sighting> }
  | { readonly kind: 'answer'; readonly answer: SizeAnswer }
  | { readonly kind: 'time' }

/**
 * Sends the patch and follows it until it has an outcome. Asking for a sighting opens the watch
 * that is followed, so nothing is sent before that.
 *
 * @throws what the client throws when it gets no answer, and the signal's reason.
 */
export async function sendAndFollow(
  ports: ResizePorts,
  ref: PodRef,
  resize: PreparedResize,
  before: Pod,
  sightings: AsyncIterator<Sighting>,
  options: ResizeOptions,
): Promise<ResizeEnd> {
  const { client, cgroups, clock, kubeletOf } = ports
  const { signal, onState } = options
  const look = (pod: Pod): Promise<CgroupLook> => cgroups.look(pod, signal)
  const { nodeName } = before.spec
  const kubelet = nodeName === undefined ? undefined : await kubeletOf?.(nodeName, signal)
  let sighting = nextOf(sightings)
  // One more answer from the server before the clock starts: the watch has a connection of its
  // own by then, and the patch does not have to open one.
  await client.read(ref, signal)
  let state = await stateAtStart(ports, resize, before, kubelet, options)
  onState(state)
  let answers = [answerOf(patchSize(client, ref, resize, { dryRun: false }, signal))]

  while (state.outcome === undefined) {
    const ms = waitMs(state, clock.now())
    const woken = await wokenBy([...answers, sighting], ms, clock, signal)
    const at = clock.now()
    switch (woken.kind) {
      case 'answer': {
        answers = []
        if (woken.answer.kind !== 'pod') return woken.answer
        const { pod } = woken.answer
        state = follow(state, { kind: 'answer', at, pod, look: await look(pod) })
        break
      }
      case 'sighting': {
        const { done, value } = woken.result
        if (done === true) throw new Error(watchEnded)
        sighting = nextOf(sightings)
        const pod = value.kind === 'pod' ? value.pod : state.pod
        state = follow(state, { kind: 'sighting', at, sighting: value, look: await look(pod) })
        break
      }
      case 'time':
        state = follow(state, { kind: 'look', at, look: await look(state.pod) })
        break
      default:
        return woken satisfies never
    }
    onState(state)
  }
  return { kind: 'followed', state }
}

async function stateAtStart(
  { cgroups, clock }: ResizePorts,
  { wanted, change: { container, restarting } }: PreparedResize,
  before: Pod,
  kubelet: KubeletSight | undefined,
  { signal, timeoutMs, graceMs = 2000 }: ResizeOptions,
): Promise<FollowState> {
  const look = await cgroups.look(before, signal)
  const target: ResizeTarget = {
    before,
    wanted,
    part: container,
    restarting,
    generation: undefined,
    kubelet: kubeletBySight(kubelet, before, look),
  }
  return startFollowing({ target, look, sentAt: clock.now(), timeoutMs, graceMs })
}

function nextOf(sightings: AsyncIterator<Sighting>): Promise<Woken> {
  const next = sightings.next().then((result): Woken => ({ kind: 'sighting', result }))
  // Whoever waits for it next hears of a failure.
  next.catch(() => undefined)
  return next
}

function answerOf(patching: Promise<SizeAnswer>): Promise<Woken> {
  const answered = patching.then((answer): Woken => ({ kind: 'answer', answer }))
  answered.catch(() => undefined)
  return answered
}

/** The first of what is awaited, or the time. */
async function wokenBy(
  awaited: readonly Promise<Woken>[],
  withinMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Woken> {
  const awake = new AbortController()
  const time = clock
    .sleep(withinMs, AbortSignal.any([signal, awake.signal]))
    .then((): Woken => ({ kind: 'time' }))
  const woken = await Promise.race([...awaited, time])
  awake.abort()
  signal.throwIfAborted()
  return woken
}

function waitMs(state: FollowState, now: number): number {
  const awaitsCgroup = [state.layers.containerCgroup, state.layers.podCgroup].some(
    (layer) => layer.state.kind === 'waiting',
  )
  const left = Math.max(0, state.deadline - now)
  if (!awaitsCgroup || state.look.kind === 'unseen') return left
  if (state.look.inside === true) return Math.min(left, insidePollMs)
  return Math.min(left, now - state.sentAt < fastPollingMs ? pollMs : slowPollMs)
}
