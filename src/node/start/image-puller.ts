import { type RegistryLogin, registryLogins } from '../../domain/image/registry-logins.ts'
import type { LookUp } from '../../domain/lifecycle/reference.ts'
import type { Container, Pod } from '../../domain/pod.ts'
import type { EventSink, PodEvent } from '../api/api.ts'
import { podOf } from '../api/pod-event.ts'
import type { ContainerRuntime } from '../runtime/container-runtime.ts'
import type { RuntimeImage } from '../runtime/runtime-image.ts'
import { StartError } from './start-error.ts'

interface FailedPull {
  readonly until: number
  readonly delayMs: number
  readonly message: string
}

const firstDelayMs = 10_000
const longestDelayMs = 300_000

/**
 * Gets images as containers' pull policies ask for it. After a pull that failed
 * the next one waits, 10 s doubling to 5 minutes (a kubelet's image manager).
 */
export class ImagePuller {
  readonly #runtime: ContainerRuntime
  readonly #events: EventSink
  readonly #now: () => Date
  /** By pod UID and image. */
  readonly #failed = new Map<string, FailedPull>()
  /** One pull at a time for each image and those who may pull it. */
  readonly #pulling = new Map<string, Promise<string>>()

  constructor(runtime: ContainerRuntime, events: EventSink, now: () => Date) {
    this.#runtime = runtime
    this.#events = events
    this.#now = now
  }

  /**
   * The container's image, pulled if the policy asks for it. One that was loaded from a
   * file has no registry to be pulled from, so `Always` takes it as it is.
   *
   * @param lookUp finds the pod's `imagePullSecrets`.
   * @throws StartError `ErrImageNeverPull`, `ErrImagePull` or `ImagePullBackOff`
   */
  async ensure(pod: Pod, container: Container, lookUp: LookUp): Promise<RuntimeImage> {
    const { image = '', imagePullPolicy: policy } = container
    const tell = this.#teller(pod, container)
    const present = await this.#runtime.imageStatus(image)
    const loaded = present !== undefined && present.repoDigests.length === 0
    if (present !== undefined && (loaded || policy !== 'Always')) {
      tell('Normal', 'Pulled', `Container image "${image}" already present on machine`)
      return present
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`
      tell('Warning', 'ErrImageNeverPull', message)
      throw new StartError('ErrImageNeverPull', new Error(message))
    }
    return this.#pull(pod, image, lookUp, tell)
  }

  forget(uid: string): void {
    for (const key of this.#failed.keys()) if (key.startsWith(`${uid}/`)) this.#failed.delete(key)
  }

  async #pull(pod: Pod, image: string, lookUp: LookUp, tell: Tell): Promise<RuntimeImage> {
    const key = `${pod.metadata.uid}/${image}`
    const failed = this.#failed.get(key)
    if (failed !== undefined && failed.until > this.#now().getTime()) {
      const message = `Back-off pulling image "${image}"`
      tell('Normal', 'BackOff', message)
      throw new StartError('ImagePullBackOff', new Error(`${message}: ${failed.message}`))
    }
    tell('Normal', 'Pulling', `Pulling image "${image}"`)
    const began = this.#now().getTime()
    try {
      await this.#pullOnce(image, loginsFor(pod, image, lookUp, tell))
      const found = await this.#runtime.imageStatus(image)
      if (found === undefined) throw new Error('the runtime does not have it after the pull')
      this.#failed.delete(key)
      const took = `${this.#now().getTime() - began}ms`
      tell(
        'Normal',
        'Pulled',
        `Successfully pulled image "${image}" in ${took}. Image size: ${found.size} bytes.`,
      )
      return found
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error)
      const message = `failed to pull image "${image}": ${cause}`
      const delayMs = Math.min((failed?.delayMs ?? firstDelayMs / 2) * 2, longestDelayMs)
      this.#failed.set(key, { delayMs, until: this.#now().getTime() + delayMs, message })
      tell('Warning', 'Failed', `Failed to pull image "${image}": ${cause}`)
      throw new StartError('ErrImagePull', new Error(message, { cause: error }))
    }
  }

  #pullOnce(image: string, logins: readonly RegistryLogin[]): Promise<string> {
    const key = JSON.stringify([image, logins])
    const running = this.#pulling.get(key)
    if (running !== undefined) return running
    const pull = this.#pullAs(image, logins).finally(() => this.#pulling.delete(key))
    this.#pulling.set(key, pull)
    return pull
  }

  /** As each of them until one may; as anybody where there is none. */
  async #pullAs(image: string, [first, ...others]: readonly RegistryLogin[]): Promise<string> {
    try {
      return await this.#runtime.pullImage(image, first)
    } catch (error) {
      if (others.length === 0) throw error
      return this.#pullAs(image, others)
    }
  }

  #teller(pod: Pod, { name: container }: Container): Tell {
    return (type, reason, message) =>
      this.#events.record({ pod: podOf(pod), container, type, reason, message })
  }
}

/** By the secrets that are there; of others it is told, and the image may be had without. */
function loginsFor(
  { spec }: Pod,
  image: string,
  lookUp: LookUp,
  tell: Tell,
): readonly RegistryLogin[] {
  const names = (spec.imagePullSecrets ?? []).flatMap(({ name }) => name || [])
  const found = names.map((name) => lookUp({ kind: 'secret', name }))
  const missing = names.filter((_name, index) => found[index] === undefined)
  if (missing.length > 0) {
    const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
    tell('Warning', 'FailedToRetrieveImagePullSecret', message)
  }
  return registryLogins(
    image,
    found.filter((one) => one !== undefined),
  )
}

type Tell = (type: PodEvent['type'], reason: string, message: string) => void
