import { type ApiServer, createApiServer } from '../../apiserver/api-server.ts'
import { loadTokenFile } from '../../apiserver/auth/token-file.ts'
import { loadTokenKey } from '../../apiserver/auth/token-key.ts'
import type { NodeStreams } from '../../apiserver/node-streams.ts'
import type { Pki } from '../../apiserver/tls/pki.ts'
import { openCgroupTree } from '../../cgroup/open-cgroup-tree.ts'
import type { CgroupDriver } from '../../domain/cgroup/names.ts'
import type { KubeVersion } from '../../domain/kube-version.ts'
import type { KubeClient } from '../../kube/client/kube-client.ts'
import { listAll } from '../../kube/client/list-all.ts'
import { pods } from '../../kube/object/resource.ts'
import type { NodeAgent } from '../../node/node-agent.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Log } from '../log.ts'
import { inProcessClient } from './kube-api.ts'
import { createUsageSource } from './usage.ts'

export interface ApiStart {
  readonly directory: DataDirectory
  readonly pki: Pki
  readonly kubeVersion: KubeVersion
  readonly nodeName: string
  /** Bearer tokens by which the API knows users. */
  readonly tokenFile?: string | undefined
  /** The node's agent and cgroup driver are there only after the API, which is asked for them. */
  readonly node: {
    readonly agent: () => NodeAgent | undefined
    readonly cgroupDriver: () => CgroupDriver
  }
  readonly onStep: (step: string) => void
  readonly onError: (error: unknown) => void
  readonly log: Log
}

export interface StartedApi {
  readonly api: ApiServer
  /** The node's. */
  readonly client: KubeClient
}

/** Opens the database and the API server on it, which nobody can reach yet from outside. */
export async function startApi(start: ApiStart): Promise<StartedApi> {
  const { directory, nodeName, tokenFile, node, onStep, onError, log } = start
  const usage = createUsageSource({
    tree: openCgroupTree(),
    root: directory.cgroup,
    driver: node.cgroupDriver,
    node: nodeName,
    pods: async () => (await listAll(client, pods)).items,
  })
  const api = await createApiServer({
    database: directory.apiDatabase,
    onStep,
    streams: laterStreams(() => node.agent()?.streams),
    connectedNode: (name) => (name === nodeName ? node.agent() : undefined),
    authority: start.pki.authority.certificate,
    kubeVersion: start.kubeVersion,
    tokenKey: await loadTokenKey(directory.pki),
    ...(tokenFile === undefined ? {} : { knownTokens: await loadTokenFile(tokenFile) }),
    mountTokens: true,
    usage,
    moreMetrics: async () => (await node.agent()?.metrics.registry.metrics()) ?? '',
    onError,
    onFailure: (message, error) => log.warn(message, error),
  })
  const client = inProcessClient(api, `system:node:${nodeName}`, ['system:nodes'])
  return { api, client }
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
