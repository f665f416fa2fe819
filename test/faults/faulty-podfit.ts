import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCriRuntime } from '../../src/cri/create-cri-runtime.ts'
import type { CriRuntime } from '../../src/cri/cri-runtime.ts'
import { createKubeClient } from '../../src/kube/client/client.ts'
import type { KubeClient } from '../../src/kube/client/kube-client.ts'
import { connect, type Connection } from '../../src/kube/connect/connect.ts'
import { PodfitProcess, type PodfitOptions } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'

export interface FaultyPodfitOptions extends PodfitOptions {
  /** The socket of a runtime that is not podfit's own. */
  readonly runtimeEndpoint?: string
}

/** As it is at first: a test may put podfit on a disk that gets full, but not what it is told there. */
const usualDirectory = tmpdir()

/**
 * A real podfit that can be told at which step to die, and the ways to look at
 * what it left: its API, its container runtime, its cgroups.
 */
export class FaultyPodfit implements AsyncDisposable {
  readonly podfit: PodfitProcess
  readonly cri: CriRuntime
  readonly #dir: string
  #stepsTaken = 0
  #connection: Connection | undefined
  #client: KubeClient | undefined

  private constructor(dir: string, options: FaultyPodfitOptions) {
    const { runtimeEndpoint, args = [], env } = options
    this.#dir = dir
    this.podfit = new PodfitProcess({
      ...options,
      args: [
        ...args,
        ...(runtimeEndpoint === undefined ? [] : [`--runtime-endpoint=${runtimeEndpoint}`]),
      ],
      env: {
        ...env,
        PODFIT_CRASH_AT: `@${join(dir, 'crash-at')}`,
        PODFIT_STEPS_FILE: join(dir, 'steps'),
      },
    })
    const own = `unix://${join(this.podfit.dataDir, 'containerd/containerd.sock')}`
    this.cri = createCriRuntime({ endpoint: runtimeEndpoint ?? own })
  }

  static async start(options: FaultyPodfitOptions = {}): Promise<FaultyPodfit> {
    const faulty = new FaultyPodfit(await mkdtemp(join(usualDirectory, 'faults-')), options)
    try {
      await faulty.start()
      return faulty
    } catch (error) {
      await faulty[Symbol.asyncDispose]().catch(() => {})
      throw error
    }
  }

  /** Its API. @throws Error before the first start */
  get client(): KubeClient {
    if (this.#client === undefined) throw new Error('podfit was not started')
    return this.#client
  }

  /** Its cgroup: `/podfit-0a1b2c3d`. */
  get cgroup(): string {
    return String(this.podfit.ready['cgroup'])
  }

  get running(): boolean {
    return this.podfit.running
  }

  /** Starts it, again, without a step to die at. */
  async start(): Promise<void> {
    this.disarm()
    await this.podfit.start()
    this.#connection?.[Symbol.dispose]()
    this.#connection = await connect({ file: this.podfit.kubeconfig })
    this.#client = createKubeClient(this.#connection)
  }

  /** From now on it dies at `point`: `node.actuated.before:2` is the second time that it gets there. */
  arm(point: string): void {
    writeFileSync(join(this.#dir, 'crash-at'), point)
  }

  disarm(): void {
    rmSync(join(this.#dir, 'crash-at'), { force: true })
  }

  /** The steps that it took since the last call, in order. */
  takeSteps(): readonly string[] {
    const file = join(this.#dir, 'steps')
    if (!existsSync(file)) return []
    const all = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    // Removed, the file would take with it what is written between the two.
    const steps = all.slice(this.#stepsTaken)
    this.#stepsTaken = all.length
    return steps
  }

  /** Whether it dies before `story` is at its end; a story that fails because of it is at its end too. */
  async diesDuring(story: () => Promise<unknown>): Promise<boolean> {
    const told = await Promise.race([
      story().then(
        () => undefined,
        (error: unknown) => error,
      ),
      waitUntil('podfit to die', () => !this.running, Boolean, { withinMs: 60_000 }).then(
        () => undefined,
      ),
    ])
    if (told === undefined) return !this.running
    // The connection breaks some milliseconds before the process is seen to be gone.
    await waitUntil('podfit to die, since its API failed', () => !this.running).catch(
      (error: unknown) => {
        throw new Error('The API failed, but podfit runs', { cause: [told, error] })
      },
    )
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cri.close()
    this.#connection?.[Symbol.dispose]()
    await this.podfit[Symbol.asyncDispose]()
    await rm(this.#dir, { recursive: true, force: true })
  }
}
