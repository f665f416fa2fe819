import type { BackingOff } from '../../domain/lifecycle/decide.ts'
import type { Pod } from '../../domain/pod.ts'
import { podOf, podText } from '../api/pod-event.ts'
import type { NodeContext } from '../node-context.ts'
import type { StartError } from './start-error.ts'
import { VolumeError } from '../volumes/volume-error.ts'

/** Which containers wait before they start again. */
export function tellBackOffs(
  { events }: NodeContext,
  pod: Pod,
  backingOff: readonly BackingOff[],
): void {
  for (const { container } of backingOff) {
    const message = `Back-off restarting failed container ${container} in pod ${podText(pod)}`
    events.record({ pod: podOf(pod), container, type: 'Warning', reason: 'BackOff', message })
  }
}

/** Has an event of its own. */
const told = new Set(['PostStartHookError'])
const ofImages = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull'])

/**
 * Why a container does not start; of its image only the reason, as there are events of its own.
 *
 * @see Kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go, startContainer
 */
export function tellFailedStart(
  { events }: NodeContext,
  pod: Pod,
  container: string,
  { failure: { reason, message } }: StartError,
): void {
  if (told.has(reason)) return
  const text = `Error: ${ofImages.has(reason) ? reason : message}`
  events.record({ pod: podOf(pod), container, type: 'Warning', reason: 'Failed', message: text })
}

/** Why the pod as a whole does not start, in the words a kubelet has for it. */
export function tellFailedSandbox(context: NodeContext, pod: Pod, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  const [reason, message] =
    error instanceof VolumeError
      ? ['FailedMount', text]
      : ['FailedCreatePodSandBox', `Failed to create pod sandbox: ${text}`]
  context.events.record({ pod: podOf(pod), type: 'Warning', reason, message })
}
