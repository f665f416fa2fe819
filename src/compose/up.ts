import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { databaseFormat } from '../apiserver/store/database.ts'
import { loadPki } from '../apiserver/tls/pki.ts'
import { gitVersionOf } from '../apiserver/version.ts'
import type { CgroupDriver } from '../domain/cgroup/names.ts'
import { isObjectName } from '../domain/labels/label-syntax.ts'
import { defaultVersion } from '../domain/kube-version.ts'
import { requireKnownDatabase } from '../format/database-format.ts'
import { checkpointFormat } from '../node/checkpoint/checkpoint.ts'
import type { NodeAgent } from '../node/node-agent.ts'
import { crashPoint } from './crash-point.ts'
import { claimDirectory, requireFree } from './data/claim-directory.ts'
import { createDataDirectory, type DataDirectory, dataDirectory } from './data/data-directory.ts'
import { runsStill } from './data/leftovers.ts'
import { untilRemoved } from './data/until-removed.ts'
import { down } from './down.ts'
import { openLog } from './log.ts'
import { outliveDefects } from './outlive-defects.ts'
import { inProcessClient } from './parts/kube-api.ts'
import { serveForPods, serveLocally } from './parts/serve-api.ts'
import { startApi } from './parts/start-api.ts'
import { startNode } from './parts/start-node.ts'
import { requireRuntime, startRuntime } from './parts/start-runtime.ts'
import { startScheduler } from './parts/start-scheduler.ts'
import { requireRoot } from './require-root.ts'
import type { UpOptions } from './up-options.ts'

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
 * directory in use, or written by a newer podfit.
 */
export async function up(options: UpOptions): Promise<RunningPodfit> {
  requireRoot('start')
  const nodeName = nameOfNode(options)
  const onStep = crashPoint()
  const directory = await freeDirectory(options)
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
  let cgroupDriver: CgroupDriver = options.cgroupDriver ?? 'cgroupfs'
  const { api, client } = await startApi({
    directory,
    pki,
    kubeVersion,
    nodeName,
    tokenFile: options.tokenFile,
    node: { agent: () => agent, cgroupDriver: () => cgroupDriver },
    onStep,
    onError,
    log,
  })
  undo.defer(() => api.close())
  onStep('up.database.after')
  let ready = false
  const claim = claimDirectory(directory, options.runtimeEndpoint)
  undo.defer(() => claim.undo())
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
    policies: options,
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

/** Where this podfit keeps its data, which nobody else uses and a runtime is there for. */
async function freeDirectory(options: UpOptions): Promise<DataDirectory> {
  const directory = dataDirectory(options.dataDir)
  requireFree(directory)
  requireKnownDatabase(directory.apiDatabase, databaseFormat)
  requireKnownDatabase(directory.nodeDatabase, checkpointFormat)
  await requireRuntime(options)
  // An earlier podfit's, whose directory was removed: nobody else can end them.
  if (!existsSync(directory.apiDatabase) && runsStill(directory)) await down(options)
  createDataDirectory(directory)
  return directory
}

/** Its name is a label, too. */
function nameOfNode(options: UpOptions): string {
  const name = (options.nodeName ?? hostname()).toLowerCase()
  if (isObjectName(name) && name.length <= 63) return name
  throw new Error(
    `Cannot name the node '${name}': it takes up to 63 of a-z, 0-9, - and ., such as node-1; give one with --node-name`,
  )
}
