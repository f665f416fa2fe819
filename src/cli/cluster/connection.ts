import { accessSync, constants } from 'node:fs'
import { type Command } from 'commander'
import { dataDirectory } from '../../compose/data/data-directory.ts'
import { isRunning, readInstance } from '../../compose/data/instance.ts'
import { NewerFormat } from '../../format/newer-format.ts'
import { defaultDataDir } from '../../containerd/default-data-dir.ts'
import { errorCode } from '../../domain/error-code.ts'
import { isObjectName } from '../../domain/labels/label-syntax.ts'
import { createKubeClient } from '../../kube/client/client.ts'
import { type KubeClient } from '../../kube/client/kube-client.ts'
import { connect, type Connection } from '../../kube/connect/connect.ts'
import { isKubeError } from '../../kube/client/kube-error.ts'
import { KubeconfigError } from '../../kube/connect/kubeconfig-file.ts'
import { namespaces } from '../../kube/object/resource.ts'
import { type ClusterFacts } from '../../operate/cluster/cluster-facts.ts'
import { type ContainerExec } from '../../operate/cluster/container-exec.ts'
import type { Begun, RunConnection } from '../../operate/resize/journal.ts'
import { type EventSource } from '../../operate/cluster/pod-events.ts'
import { type PodClient } from '../../operate/cluster/pod-client.ts'
import { usageError } from '../cli-error.ts'
import { kubeClusterFacts } from './kube-cluster-facts.ts'
import { kubeContainerExec } from './container-exec.ts'
import { kubePodEvents } from './kube-pod-events.ts'
import { kubePodClient } from './kube-pod-client.ts'
import { type Terminal } from '../terminal.ts'

/** Flags of every verb that talks to a cluster; kubectl's, with kubectl's meaning. */
export interface ConnectionFlags {
  readonly namespace?: string
  /** One file on the command line; several where a journal has kept them. */
  readonly kubeconfig?: string | readonly string[]
  readonly context?: string
  readonly as?: string
  readonly asGroup?: readonly string[]
  readonly dataDir?: string
}

export function addConnectionFlags(command: Command): Command {
  return command
    .option('-n, --namespace <name>', "namespace of the pod (default: the context's)")
    .option('--kubeconfig <file>', 'kubeconfig to use and no other')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .option('--as <user>', 'act as this user')
    .option('--as-group <group>', 'with --as: act as a member of this group, too', oneMore)
    .option('--data-dir <dir>', `directory of a running podfit up (default: ${defaultDataDir})`)
}

/** What leads to the same cluster as the same user again, from anywhere on this machine. */
function wayBack({ files, context }: Connection, { as, asGroup }: ConnectionFlags): RunConnection {
  return {
    ...(files.length === 0 ? {} : { kubeconfig: files, context }),
    ...(as === undefined ? {} : { as }),
    ...(asGroup === undefined ? {} : { asGroup }),
  }
}

/** Reads an option that may be given several times. */
export function oneMore(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** The kubeconfig of the podfit that keeps its data in `dir`, if one runs there or may do so unseen. */
function localKubeconfig(dir: string): readonly string[] {
  const { instance, kubeconfig } = dataDirectory(dir)
  if (isClosed(dir)) return [kubeconfig]
  try {
    const running = readInstance(instance)
    return running?.server !== undefined && isRunning(running) ? [kubeconfig] : []
  } catch (error) {
    // How a newer podfit is doing is not known here, but the way to its API is the same.
    if (error instanceof NewerFormat) return [kubeconfig]
    throw error
  }
}

/** Whether this user may not look into it: `podfit up` makes it for root alone. */
function isClosed(dir: string): boolean {
  try {
    accessSync(dir, constants.X_OK)
    return false
  } catch (error) {
    return errorCode(error) === 'EACCES'
  }
}

export interface Cluster extends Disposable {
  readonly pods: PodClient
  /** What is around a pod: its node, the pods beside it, the version. */
  readonly facts: ClusterFacts
  readonly events: EventSource
  /** The API as it is, for questions about the server itself. */
  readonly client: KubeClient
  /** Commands inside containers. */
  readonly exec: ContainerExec
  /** The namespace to use: the flag's, else the context's. */
  readonly namespace: string
  readonly server: string
  readonly wayBack: RunConnection
  /** UID of the namespace `kube-system`; undefined if it may not be read, or is not there. */
  identity(signal: AbortSignal): Promise<string | undefined>
}

async function identityOf(client: KubeClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await client.get(namespaces, { name: 'kube-system' }, { signal })).metadata.uid
  } catch (error) {
    if (isKubeError(error)) return undefined
    throw error
  }
}

/** The cluster as the journal of a run names it. */
export async function originOf(
  { server, wayBack, identity }: Pick<Cluster, 'server' | 'wayBack' | 'identity'>,
  signal: AbortSignal,
): Promise<Pick<Begun, 'server' | 'cluster' | 'connection'>> {
  const cluster = await identity(signal)
  return { server, ...(cluster === undefined ? {} : { cluster }), connection: wayBack }
}

async function connectionFor(flags: ConnectionFlags, env: Terminal['env']): Promise<Connection> {
  const { kubeconfig, dataDir, context, as, asGroup: asGroups } = flags
  const file = kubeconfig ?? (dataDir === undefined ? undefined : `${dataDir}/kubeconfig`)
  try {
    const local = localKubeconfig(defaultDataDir)
    return await connect({ file, context, as, asGroups, env, local })
  } catch (error) {
    if (error instanceof KubeconfigError) throw usageError(error.message)
    throw error
  }
}

/** An unset variable in a script is no namespace, and must not come to mean all of them or another. */
function requireNamespace(name: string): void {
  if (isObjectName(name)) return
  throw usageError(
    `Cannot use '${name}' as a namespace: names have lower-case letters, digits and '-'; without -n it is the context's`,
  )
}

/**
 * Opens the cluster that the flags mean: `--kubeconfig`, `--data-dir`, `$KUBECONFIG`, a podfit
 * that runs on this machine, `~/.kube/config`, and inside a pod its own cluster.
 *
 * @throws CliError (usage) where none can be known, or the namespace cannot be one.
 */
export async function openCluster(flags: ConnectionFlags, terminal: Terminal): Promise<Cluster> {
  if (flags.namespace !== undefined) requireNamespace(flags.namespace)
  const connection = await connectionFor(flags, terminal.env)
  const client = createKubeClient({
    fetch: connection.fetch,
    server: connection.server,
    onWarning: (text) => terminal.stderr.write(`Warning: ${text}\n`),
  })
  return {
    pods: kubePodClient(client),
    facts: kubeClusterFacts(client),
    events: kubePodEvents(client),
    client,
    exec: kubeContainerExec(connection.target),
    namespace: flags.namespace ?? connection.namespace,
    server: connection.server,
    wayBack: wayBack(connection, flags),
    identity: (signal) => identityOf(client, signal),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  }
}
