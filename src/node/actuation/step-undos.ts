import type { Pod } from '../../domain/pod.ts'
import type { ResizeStep } from '../../domain/resize/actuation/resize-step.ts'
import type { NodeContext } from '../node-context.ts'
import { tryAll } from '../try-all.ts'
import { unlessGone } from '../unless-gone.ts'
import type { Undo } from './shrink-memory.ts'
import { restoreContainer } from './write-container.ts'

/** What takes back what steps have done and no record holds yet; one of them for each cgroup's files. */
export class StepUndos {
  readonly #undos = new Map<string, Undo>()

  /** In the place of what was to take back an earlier step of the same files. */
  add(step: ResizeStep, undo: Undo | undefined): void {
    if (undo !== undefined) this.#undos.set(filesOf(step), undo)
  }

  /** What was done to the step's files stays. */
  drop(step: ResizeStep): void {
    this.#undos.delete(filesOf(step))
  }

  /**
   * The pod before its containers: what they get back has to fit. A cgroup that is gone
   * meanwhile has nothing to get back.
   *
   * @throws what the first that failed has thrown, when all were tried
   */
  takeBack(): void {
    tryAll([...this.#undos.values()].toReversed(), (undo) => unlessGone(undo))
  }

  /** The same; gives what is told of what could not be undone, nothing if all was. */
  tryToTakeBack(): string {
    try {
      this.takeBack()
      return ''
    } catch (error) {
      return `; not all of it could be undone: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}

/** The pod's limit and the rest of its files go back each by itself. */
function filesOf(step: ResizeStep): string {
  switch (step.kind) {
    case 'writePodCgroup':
      return 'files of the pod'
    case 'shrinkMemory':
      return step.of.kind === 'pod' ? 'limit of the pod' : step.of.containerId
    case 'writeContainer':
    case 'updateContainer':
    case 'restartContainer':
      return step.containerId
    default:
      return step satisfies never
  }
}

/** How what a step may have done in part goes back. */
export function undoOf(
  context: NodeContext,
  pod: Pod,
  step: Exclude<ResizeStep, { kind: 'shrinkMemory' }>,
): Undo | undefined {
  switch (step.kind) {
    case 'writePodCgroup':
      return () => context.cgroups.pods.write(pod, step.before)
    case 'writeContainer':
    case 'updateContainer': {
      const { before } = step
      return before && (() => restoreContainer(context, pod, { ...step, before }))
    }
    case 'restartContainer':
      return undefined
    default:
      return step satisfies never
  }
}
