import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ContainerStart } from '../../domain/lifecycle/decide.ts'
import { readySandbox } from '../../domain/lifecycle/observed.ts'
import type { Pod } from '../../domain/pod.ts'
import { effectiveSize } from '../../domain/resources/pod-resources.ts'
import { asLongStep } from '../as-step.ts'
import type { NodeContext } from '../node-context.ts'
import { podOf } from '../api/pod-event.ts'
import { containerLogFile, sandboxConfig } from '../containers/sandbox-config.ts'
import { StartError } from './start-error.ts'
import { noteOomScore } from '../containers/follow-oom-score.ts'
import { startInputs } from './start-inputs.ts'
import { sandboxPlace } from './start-sandbox.ts'

/**
 * Creates and starts one container with the pod's allocated size.
 *
 * The actuated record is written before the container is created: a crash in
 * between leaves a container that does not run, and that starts anew.
 *
 * @param pod with the allocated resources in its spec.
 * @throws StartError
 */
export async function startContainer(
  context: NodeContext,
  pod: Pod,
  { container, attempt, previous }: ContainerStart,
): Promise<void> {
  const { runtime, observed, checkpoint, events, onStep } = context
  const uid = pod.metadata.uid ?? ''
  const sandbox = readySandbox(observed.get(uid))
  if (sandbox === undefined) return
  const tell = (reason: string, message: string): void =>
    events.record({ pod: podOf(pod), container: container.name, type: 'Normal', reason, message })

  const config = await step('CreateContainerError', () =>
    startInputs(context, pod, container, attempt),
  )
  // The runtime itself does not know what became of a container that is `unknown`.
  if (previous?.state === 'created' || previous?.state === 'unknown') {
    await runtime.removeContainer(previous.id)
    await observed.refreshContainer(uid, previous.id)
  }
  checkpoint.recordActuated(uid, container.name, effectiveSize(pod.spec, container))
  onStep('node.create.before')
  const place = sandboxPlace(context, pod, sandbox.attempt)
  const id = await step('CreateContainerError', async () => {
    const log = containerLogFile(context.podLogs, pod, container.name, attempt)
    await mkdir(dirname(log), { recursive: true, mode: 0o755 })
    return runtime.createContainer(sandbox.id, config, sandboxConfig(pod, place))
  }).catch(async (error: unknown) => {
    await observed.refreshPod(uid).catch(() => {})
    throw error
  })
  // It may end before the next question about it is answered.
  observed.adopt(id, { uid, kind: 'container', sandboxId: sandbox.id, isAwaited: true })
  onStep('node.create.after')
  tell('Created', `Container created: ${container.name}`)
  checkpoint.markStarting(uid, id)
  try {
    const start = (): Promise<void> => step('RunContainerError', () => runtime.startContainer(id))
    await asLongStep(onStep, 'node.start', start).catch((error: unknown) => {
      // It is made anew under its own number: its program has not failed, it has not run.
      const never = error instanceof StartError && (error.cgroup || error.unanswered)
      if (!never) checkpoint.unmarkStarting(id)
      throw error
    })
    tell('Started', `Container started: ${container.name}`)
  } finally {
    await observed.refreshContainer(uid, id)
  }
  checkpoint.unmarkStarting(id)
  if (previous !== undefined) checkpoint.unmarkRestarting(previous.id)
  noteOomScore(context, pod, container.name, id)
}

async function step<T>(reason: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof StartError ? error : new StartError(reason, error)
  }
}
