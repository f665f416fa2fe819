import type { Container, Pod } from '../domain/pod.ts'
import type { EventSink, PodEvent } from './api.ts'
import { podOf } from './pod-event.ts'
import type { ContainerRuntime, RuntimeImage } from './runtime.ts'
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
  /** One pull at a time for each image. */
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
   * @throws StartError `ErrImageNeverPull`, `ErrImagePull` or `ImagePullBackOff`
   */
  async ensure(pod: Pod, container: Container): Promise<RuntimeImage> {
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
    return this.#pull(pod, image, tell)
  }

  /** When the next pull for this pod may be tried; undefined when none failed. */
  retryAt(uid: string): number | undefined {
    const waiting = [...this.#failed].filter(([key]) => key.startsWith(`${uid}/`))
    return waiting.length === 0 ? undefined : Math.min(...waiting.map(([, { until }]) => until))
  }

  forget(uid: string): void {
    for (const key of this.#failed.keys()) if (key.startsWith(`${uid}/`)) this.#failed.delete(key)
  }

  async #pull(pod: Pod, image: string, tell: Tell): Promise<RuntimeImage> {
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
      await this.#pullOnce(image)
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
      tell('Warning', 'Failed', 'Error: ErrImagePull')
      throw new StartError('ErrImagePull', new Error(message, { cause: error }))
    }
  }

  #pullOnce(image: string): Promise<string> {
    const running = this.#pulling.get(image)
    if (running !== undefined) return running
    const pull = this.#runtime.pullImage(image).finally(() => this.#pulling.delete(image))
    this.#pulling.set(image, pull)
    return pull
  }

  #teller(pod: Pod, { name: container }: Container): Tell {
    return (type, reason, message) =>
      this.#events.record({ pod: podOf(pod), container, type, reason, message })
  }
}

type Tell = (type: PodEvent['type'], reason: string, message: string) => void
