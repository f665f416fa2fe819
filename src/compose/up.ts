import { existsSync } from 'node:fs'
import { createApiServer } from '../apiserver/api-server.ts'
import { loadTokenFile } from '../apiserver/auth/token-file.ts'
import { loadTokenKey } from '../apiserver/auth/token-key.ts'
import type { NodeStreams } from '../apiserver/node-streams.ts'
import { loadPki } from '../apiserver/tls/pki.ts'
import { gitVersionOf } from '../apiserver/version.ts'
import type { MemoryReservation } from '../domain/cgroup/memory-qos.ts'
import type { SwapBehavior } from '../domain/cgroup/swap.ts'
import type { DriftMode } from '../domain/cgroup/drift.ts'
import type { ActuationMode } from '../domain/resize/actuation/actuation-mode.ts'
import type { LogRotationPolicy } from '../domain/lifecycle/log-rotation.ts'
import { defaultVersion, type KubeVersion } from '../domain/resize/kube-version.ts'
import { isObjectName } from '../domain/label-syntax.ts'
import { openCgroupTree } from '../cgroup/open-cgroup-tree.ts'
import { listAll } from '../kube/list-all.ts'
import { pods } from '../kube/resource.ts'
import { hostname } from 'node:os'
import type { NodeAgent } from '../node/node-agent.ts'
import { claimDirectory, requireFree } from './claim-directory.ts'
import { crashPoint } from './crash-point.ts'
import { down } from './down.ts'
import { createDataDirectory, dataDirectory } from './data-directory.ts'
import { inProcessClient } from './kube-api.ts'
import { runsStill } from './leftovers.ts'
import { openLog } from './log.ts'
import { outliveDefects } from './outlive-defects.ts'
import { startNode } from './start-node.ts'
import { requireRoot } from './require-root.ts'
import { serveForPods, serveLocally } from './serve-api.ts'
import { requireRuntime, type RuntimeChoice, startRuntime } from './start-runtime.ts'
import { startScheduler } from './start-scheduler.ts'
import { untilRemoved } from './until-removed.ts'
import { createUsageSource } from './usage.ts'

export interface UpOptions extends RuntimeChoice {
  /** @default /var/lib/podfit */
  readonly dataDir?: string
  /** @default 127.0.0.1 */
  readonly host?: string
  /** 0 takes any free one. @default 6443 */
  readonly port?: number
  /** @default the machine's host name */
  readonly nodeName?: string
  /** The Kubernetes to behave like. @default the newest known */
  readonly kubeVersion?: KubeVersion
  /** Protects the memory of requests and throttles near limits, on cgroup v2. @default off */
  readonly memoryQos?: MemoryReservation
  /** @default 'NoSwap' */
  readonly swapBehavior?: SwapBehavior
  /** Who gives running containers their size. @default 'runtime' */
  readonly actuation?: ActuationMode
  /** What becomes of cgroup values that others change. @default 'restore' */
  readonly onDrift?: DriftMode
  /** How much of containers' output is kept. @default Kubernetes' */
  readonly logRotation?: LogRotationPolicy
  /**
   * Serves the API also on the bridge of the pods. There is no RBAC here: with the token
   * that pods have, they may do everything.
   * @default false
   */
  readonly apiForPods?: boolean
  /** Bearer tokens by which the API knows users, as `kube-apiserver --token-auth-file`. */
  readonly tokenFile?: string
  /** Told of each step of the start, in one line. */
  readonly progress?: (line: string) => void
  /** Breaks the start off; one that is over is ended by disposing. */
  readonly signal?: AbortSignal
}

/** A Kubernetes of one node that runs in this process. */
export interface RunningPodfit extends AsyncDisposable {
  readonly server: string
  readonly kubeconfig: string
  readonly dataDir: string
  readonly nodeName: string
  readonly cgroup: string
  /** Resolves if the data directory is removed under it: what is written then is lost. */
  readonly removed: Promise<void>
}

/**
 * Starts podfit on this machine: API server, container runtime, node agent and
 * scheduler. Resolves when kubectl can be used and the node takes pods.
 *
 * Disposing stops this process's part only: containers and their runtime go on,
 * and the next start finds them again.
 *
 * @throws Error with one clear line: not root, packages missing, port taken,
 * directory in use.
 */
export async function up(options: UpOptions): Promise<RunningPodfit> {
  requireRoot('start')
  const nodeName = nameOfNode(options)
  const directory = dataDirectory(options.dataDir)
  requireFree(directory)
  await requireRuntime(options)
  // An earlier podfit's, whose directory was removed: nobody else can end them.
  if (!existsSync(directory.apiDatabase) && runsStill(directory)) await down(options)
  const onStep = crashPoint()
  createDataDirectory(directory)
  onStep('up.directory.after')
  const { kubeVersion = defaultVersion } = options
  const progress = options.progress ?? (() => {})
  const log = openLog(directory.log)
  const stopping = new AbortController()
  const { signal } = stopping
  const goOn = (): void => {
    if (options.signal?.aborted === true) throw new Error('Stopped by a signal before it was ready')
  }
  await using undo = new AsyncDisposableStack()
  undo.use(outliveDefects({ log, tell: progress }))
  undo.defer(() => stopping.abort())

  const { host = '127.0.0.1', port = 6443 } = options
  const pki = await loadPki(directory.pki, [host])
  onStep('up.keys.after')
  const onError = (error: unknown) => log.warn('The API server failed to answer', error)
  let agent: NodeAgent | undefined
  let cgroupDriver = options.cgroupDriver ?? 'cgroupfs'
  const api = await createApiServer({
    database: directory.apiDatabase,
    onStep,
    streams: laterStreams(() => agent?.streams),
    connectedNode: (name) => (name === nodeName ? agent : undefined),
    authority: pki.authority.certificate,
    kubeVersion,
    tokenKey: await loadTokenKey(directory.pki),
    ...(options.tokenFile === undefined
      ? {}
      : { knownTokens: await loadTokenFile(options.tokenFile) }),
    mountTokens: true,
    usage: { read: () => usage.read() },
    moreMetrics: async () => (await agent?.metrics.registry.metrics()) ?? '',
    onError,
    onFailure: (message, error) => log.warn(message, error),
  })
  undo.defer(() => api.close())
  onStep('up.database.after')
  let ready = false
  const claim = claimDirectory(directory, options.runtimeEndpoint)
  undo.defer(() => claim.undo())
  const client = inProcessClient(api, `system:node:${nodeName}`, ['system:nodes'])
  const usage = createUsageSource({
    tree: openCgroupTree(),
    root: directory.cgroup,
    driver: () => cgroupDriver,
    node: nodeName,
    pods: async () => (await listAll(client, pods)).items,
  })
  // Listening fails at once if it does; a runtime takes its time, and images are built for it.
  const serving = await serveLocally(api, pki, directory, { host, port, onError })
  undo.defer(() => serving.close())
  onStep('up.listening.after')
  goOn()
  const runtime = await startRuntime(directory, options, {
    progress,
    log,
    onStep,
    ...(options.signal && { signal: options.signal }),
  }).catch((error: unknown) => {
    goOn()
    throw error
  })
  cgroupDriver = runtime.cgroupDriver
  undo.defer(() => runtime.cri.close())
  undo.defer(() => (ready ? undefined : runtime.discard()))
  goOn()
  progress(`API server listening on ${serving.url}`)
  const forPods =
    options.apiForPods === true
      ? await serveForPods(api, runtime, directory, { host, port, onError })
      : undefined
  if (forPods !== undefined) {
    undo.defer(() => forPods.close())
    progress(`API server listening for pods on ${forPods.url}`)
  }
  const started = await startNode({
    client,
    runtime,
    directory,
    name: nodeName,
    kubeletVersion: gitVersionOf(kubeVersion),
    kubeVersion,
    ...(options.memoryQos && { memoryQos: options.memoryQos }),
    swapBehavior: options.swapBehavior ?? 'NoSwap',
    actuation: options.actuation ?? 'runtime',
    onDrift: options.onDrift ?? 'restore',
    ...(options.logRotation && { logRotation: options.logRotation }),
    ...(forPods && { apiForPods: forPods }),
    onStep,
    log,
    signal,
  })
  agent = started
  onStep('up.node.after')
  undo.defer(() => started[Symbol.asyncDispose]())
  goOn()
  startScheduler(inProcessClient(api, 'system:kube-scheduler', []), kubeVersion, log, signal)
  claim.ready(serving.url)
  progress(`node ${nodeName} is ready`)

  ready = true
  runtime.keep(signal)
  const running = undo.move()
  return {
    server: serving.url,
    kubeconfig: directory.kubeconfig,
    dataDir: directory.path,
    nodeName,
    cgroup: directory.cgroup,
    removed: untilRemoved(directory.apiDatabase, signal),
    [Symbol.asyncDispose]: () => {
      stopping.abort()
      return running.disposeAsync()
    },
  }
}

/** Its name is a label, too. */
function nameOfNode(options: UpOptions): string {
  const name = (options.nodeName ?? hostname()).toLowerCase()
  if (isObjectName(name) && name.length <= 63) return name
  throw new Error(
    `Cannot name the node '${name}': it takes up to 63 of a-z, 0-9, - and ., such as node-1; give one with --node-name`,
  )
}

/** The node's streams are there only after the API server, which is asked for them. */
function laterStreams(get: () => NodeStreams | undefined): NodeStreams {
  const now = (): NodeStreams => {
    const streams = get()
    if (streams === undefined) throw Object.assign(new Error('the node is starting'), { code: 503 })
    return streams
  }
  return {
    logs: async (...args) => now().logs(...args),
    exec: async (...args) => now().exec(...args),
    attach: async (...args) => now().attach(...args),
    portForward: async (...args) => now().portForward(...args),
  }
}
