import type { ObservedPod } from '../../domain/lifecycle/observed.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { podUidLabel } from './labels.ts'
import type { Owned } from './pod-picture.ts'

/** A sandbox or container as the runtime lists it, in the runtime's word for its state. */
export interface Listed extends Owned {
  readonly id: string
  readonly state: string
}

/** Everything that the runtime has with these labels, by two calls. */
export async function listRuntime(
  runtime: Pick<ContainerRuntime, 'listPodSandboxes' | 'listContainers'>,
  labels: Readonly<Record<string, string>>,
): Promise<readonly Listed[]> {
  const [sandboxes, containers] = await Promise.all([
    runtime.listPodSandboxes({ labels }),
    runtime.listContainers({ labels }),
  ])
  return [
    ...sandboxes.map(({ id, state, labels: own, metadata }) => {
      return { id, state, kind: 'sandbox' as const, uid: own[podUidLabel] ?? metadata.uid }
    }),
    ...containers.map(({ id, state, labels: own, podSandboxId: sandboxId }) => {
      const uid = own[podUidLabel] ?? ''
      return { id, state, kind: 'container' as const, uid, sandboxId }
    }),
  ]
}

/** Whether that is the state in which it was seen last. */
export function isAsSeen({ sandboxes, containers }: ObservedPod, listed: Listed): boolean {
  const { id, kind, state } = listed
  if (kind === 'container') return containers.find((one) => one.id === id)?.state === state
  return sandboxes.find((one) => one.id === id)?.ready === (state === 'ready')
}
