import { inParallel } from '../../operate/in-parallel.ts'
import type { RunConnection } from '../../operate/resize/journal.ts'
import type { Run } from '../../operate/resize/run.ts'
import { usageError } from '../cli-error.ts'
import { openCluster, type Cluster, type ConnectionFlags } from '../cluster/connection.ts'
import { requestsAtOnce } from '../cluster/targets.ts'
import type { Terminal } from '../terminal.ts'

/** A flag goes before what the journal has; a context means nothing in another kubeconfig. */
function flagsFor(journalled: RunConnection, flags: ConnectionFlags): ConnectionFlags {
  const { kubeconfig: _files, context: _context, ...user } = journalled
  const elsewhere = flags.kubeconfig !== undefined || flags.dataDir !== undefined
  return { ...(elsewhere ? user : journalled), ...flags }
}

/**
 * Opens the cluster that a run was sent to, for going on with it or for taking it back.
 *
 * @param verb what was to be done: `carry on`.
 * @throws CliError (usage) if the flags, or what became of the kubeconfig, lead to another
 *   cluster; nothing was written or sent then.
 */
export async function openRunCluster(
  verb: string,
  run: Run,
  flags: ConnectionFlags,
  terminal: Terminal,
): Promise<Cluster> {
  const { begun } = run
  const cluster = await openCluster(flagsFor(begun.connection, flags), terminal)
  try {
    if (!(await isSame(run, cluster, terminal.signal))) {
      const { context } = begun.connection
      const by = context === undefined ? '' : ` (context ${context})`
      const message = `Cannot ${verb} ${begun.id}: it was sent to ${begun.server}${by}, and ${cluster.server} is another cluster; lead to the first with --context, --kubeconfig or --data-dir`
      throw usageError(message)
    }
    if (begun.server !== cluster.server) {
      terminal.stderr.write(
        `Run ${begun.id} was sent to ${begun.server}; it is ${cluster.server} now\n`,
      )
    }
    return cluster
  } catch (error) {
    cluster[Symbol.dispose]()
    throw error
  }
}

/**
 * The same cluster may be called differently by now, and another one may have its address.
 * Where its identity may not be read, a pod of the run that is there with its UID tells.
 */
async function isSame({ begun }: Run, cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  const identity = begun.cluster === undefined ? undefined : await cluster.identity(signal)
  if (identity !== undefined) return identity === begun.cluster
  if (begun.server === cluster.server) return true
  const found = await inParallel(begun.items, requestsAtOnce, async ({ namespace, name, uid }) => {
    const answer = await cluster.pods.read({ namespace, name }, signal)
    return answer.kind === 'pod' && uid !== undefined && answer.pod.metadata.uid === uid
  })
  return found.includes(true)
}
