import { defaultDataDir } from '../../containerd/default-data-dir.ts'
import { listAll } from '../../kube/client/list-all.ts'
import { findKubeconfig } from '../../kube/connect/find-kubeconfig.ts'
import { namespaces } from '../../kube/object/resource.ts'
import { containersOf } from '../../operate/containers.ts'
import { openCluster, type ConnectionFlags } from '../cluster/connection.ts'
import { parsePodName } from '../cluster/pod-names.ts'
import { parseTargets, readTargets } from '../cluster/targets.ts'
import { podTargets } from '../cluster/workload-target.ts'
import { openJournalStore } from '../runs/journal-store.ts'
import type { Terminal } from '../terminal.ts'
import type { WordsSoFar } from './words-so-far.ts'

/** Nobody waits longer for a word to be completed. */
const answerWithinMs = 3000

function connectionOf({ flags }: WordsSoFar): ConnectionFlags {
  const { asGroup, ...others } = flags
  const text = Object.entries(others).filter(([, value]) => value !== true)
  const groups = typeof asGroup === 'string' ? { asGroup: [asGroup] } : {}
  return { ...(Object.fromEntries(text) as ConnectionFlags), ...groups }
}

/** Pods of the namespace that are not named yet, as the user has begun to write them. */
export async function podNames(words: WordsSoFar, terminal: Terminal): Promise<readonly string[]> {
  const pods = await podsIn(words, terminal)
  const already = new Set(words.names.map(parsePodName))
  const [, kind = ''] = /^(pods?\/)/.exec(words.current) ?? []
  return pods
    .map(({ metadata }) => metadata.name)
    .filter((name) => !already.has(name))
    .map((name) => kind + name)
}

/** Containers of the pods that are meant so far, or of all. */
export async function containerNames(
  words: WordsSoFar,
  terminal: Terminal,
): Promise<readonly string[]> {
  using cluster = await openCluster(connectionOf(words), terminal)
  const signal = deadline(terminal)
  const { selector, allNamespaces } = words.flags
  const named = parseTargets(words.names, {
    ...(typeof selector === 'string' ? { selector } : {}),
    allNamespaces: allNamespaces === true,
  })
  const targets = await podTargets(cluster, named, 'complete', signal)
  const pods = await readTargets(cluster, targets, 'complete', signal)
  return pods.flatMap((pod) => containersOf(pod).map(({ spec }) => spec.name))
}

/** Labels that pods have: `app=web`. */
export async function labelPairs(
  words: WordsSoFar,
  terminal: Terminal,
): Promise<readonly string[]> {
  const pods = await podsIn(words, terminal)
  return pods.flatMap(({ metadata }) =>
    Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`),
  )
}

async function podsIn(words: WordsSoFar, terminal: Terminal) {
  using cluster = await openCluster(connectionOf(words), terminal)
  const everywhere = words.flags['allNamespaces'] === true
  const where = everywhere ? {} : { namespace: cluster.namespace }
  return await cluster.pods.list(where, deadline(terminal))
}

export async function namespaceNames(
  words: WordsSoFar,
  terminal: Terminal,
): Promise<readonly string[]> {
  using cluster = await openCluster(connectionOf(words), terminal)
  const { items } = await listAll(cluster.client, namespaces, { signal: deadline(terminal) })
  return items.map(({ metadata }) => metadata.name)
}

/** Contexts of the kubeconfig that would be used. */
export async function contextNames(
  words: WordsSoFar,
  { env }: Terminal,
): Promise<readonly string[]> {
  const { kubeconfig, dataDir } = connectionOf(words)
  const file = kubeconfig ?? (dataDir === undefined ? undefined : `${dataDir}/kubeconfig`)
  const config = await findKubeconfig({ file, env, local: [`${defaultDataDir}/kubeconfig`] })
  return [...(config?.contexts.keys() ?? [])]
}

/** Runs that podfit has a journal of, the newest first. */
export async function runIds({ flags }: WordsSoFar, { env }: Terminal): Promise<readonly string[]> {
  const runs = openJournalStore(env).runs()
  const meant = flags['resume'] === true ? runs.filter(({ finished }) => !finished) : runs
  return meant.map(({ begun }) => begun.id).toReversed()
}

function deadline({ signal }: Terminal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)])
}
