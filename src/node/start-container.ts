import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ContainerStart } from '../domain/lifecycle/decide.ts'
import { readySandbox } from '../domain/lifecycle/observed.ts'
import type { StartFailure } from '../domain/lifecycle/container-status.ts'
import type { Pod } from '../domain/pod.ts'
import { effectiveSize } from '../domain/pod-resources.ts'
import { containerConfig } from './container-config.ts'
import { createResources } from './linux-resources.ts'
import type { NodeContext } from './node-context.ts'
import { podOf } from './pod-event.ts'
import { containerLogPath, podLogDirectory, sandboxConfig } from './sandbox-config.ts'
import { sandboxPlace } from './start-sandbox.ts'

/** Why a container did not start: shown as its waiting reason, tried again. */
export class StartError extends Error {
  readonly failure: StartFailure

  constructor(reason: string, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause)
    super(message, { cause })
    this.failure = { reason, message }
  }
}

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

  await step('ErrImagePull', () =>
    ensureImage(context, container.image ?? '', container.imagePullPolicy),
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
    const log = join(
      podLogDirectory(context.podLogs, pod),
      containerLogPath(container.name, attempt),
    )
    await mkdir(dirname(log), { recursive: true, mode: 0o755 })
    const config = containerConfig(pod, container, {
      attempt,
      podDir: join(context.podsDir, uid),
      instance: context.instance,
      resources: createResources(pod.spec, container, context.machine.memory),
    })
    return runtime.createContainer(sandbox.id, config, sandboxConfig(pod, place))
  }).catch(async (error: unknown) => {
    await observed.refreshPod(uid).catch(() => {})
    throw error
  })
  // It may end before the next question about it is answered.
  observed.adopt(uid, id)
  onStep('node.create.after')
  tell('Created', `Container created: ${container.name}`)
  try {
    await step('RunContainerError', () => runtime.startContainer(id))
    onStep('node.start.after')
    tell('Started', `Container started: ${container.name}`)
  } finally {
    await observed.refreshContainer(uid, id)
  }
  if (previous !== undefined) checkpoint.unmarkRestarting(previous.id)
  await removeOlder(context, uid, container.name)
}

/** Of the containers that ended only the last one is of use: for its log and its exit code. */
async function removeOlder(
  { runtime, observed }: NodeContext,
  uid: string,
  name: string,
): Promise<void> {
  const [, , ...older] = observed.get(uid).containers.filter((one) => one.name === name)
  for (const { id } of older) {
    await runtime.removeContainer(id)
    await observed.refreshContainer(uid, id)
  }
}

async function step<T>(reason: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof StartError ? error : new StartError(reason, error)
  }
}

/**
 * Pulls the image if the policy asks for it. One that was loaded from a file has
 * no registry to be pulled from, so `Always` takes it as it is.
 */
async function ensureImage(
  { runtime }: NodeContext,
  image: string,
  policy: string | undefined,
): Promise<void> {
  const present = await runtime.imageStatus(image)
  const loaded = present !== undefined && present.repoDigests.length === 0
  if (loaded || (present !== undefined && policy !== 'Always')) return
  if (present === undefined && policy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`
    throw new StartError('ErrImageNeverPull', new Error(message))
  }
  await runtime.pullImage(image)
}
