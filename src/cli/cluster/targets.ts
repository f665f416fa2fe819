import type { Command } from 'commander'
import type { Pod } from '../../domain/pod.ts'
import { isKubeError } from '../../kube/client/kube-error.ts'
import { inParallel } from '../../operate/in-parallel.ts'
import type { PodRef } from '../../operate/cluster/pod-client.ts'
import { CliError, usageError } from '../cli-error.ts'
import { addConnectionFlags, type Cluster, type ConnectionFlags } from './connection.ts'
import { parsePodName } from './pod-names.ts'
import { isOf, parseWorkload, type WorkloadTarget } from './workload-target.ts'

/** Flags that choose pods; kubectl's, with kubectl's meaning. */
export interface TargetFlags extends ConnectionFlags {
  readonly selector?: string
  readonly allNamespaces?: boolean
  /** Only of verbs that change or plan: there no target is not every target. */
  readonly all?: boolean
}

/** What the command line names. */
export type Targets = PodTargets | WorkloadTarget

export type PodTargets =
  | { readonly kind: 'named'; readonly names: readonly string[] }
  | {
      readonly kind: 'selected'
      readonly labelSelector: string | undefined
      readonly allNamespaces: boolean
      /** Only the pods of this one. */
      readonly ownedBy?: WorkloadTarget
    }

/** Requests to the API server that are under way at once. */
export const requestsAtOnce = 16

/** Adds pods as arguments, and the flags that choose them instead. */
export function addTargetFlags(command: Command): Command {
  return addConnectionFlags(
    command.argument('[pods...]', 'NAME, pod/NAME, or one workload: deploy/NAME'),
  )
    .option('-l, --selector <labels>', 'pods with these labels: app=web,tier!=db')
    .option('-A, --all-namespaces', 'pods of every namespace')
}

/** The same for verbs where nothing named must not mean everything. */
export function addCarefulTargetFlags(command: Command): Command {
  return addTargetFlags(command).option('--all', 'every pod of the namespace')
}

const podWords: ReadonlySet<string> = new Set(['pod', 'pods', 'po'])

/**
 * Reads the targets of a verb. `pods` alone, or before names, is the kind, as kubectl has it.
 *
 * @throws CliError (usage) for a mixture that kubectl refuses, too.
 */
export function parseTargets(words: readonly string[], flags: TargetFlags): Targets {
  const names = podWords.has(words[0]?.toLowerCase() ?? '') ? words.slice(1) : words
  const { selector, allNamespaces = false, all = false } = flags
  if (names.length === 0) return { kind: 'selected', labelSelector: selector, allNamespaces }
  if (selector !== undefined)
    throw usageError('Cannot use names together with -l: give one of them')
  if (all) throw usageError('Cannot use names together with --all: give one of them')
  if (allNamespaces) {
    throw usageError('Cannot find pods by name in all namespaces: use -n NAMESPACE, or -A with -l')
  }
  const [first = ''] = names
  const workload = names.length === 1 ? parseWorkload(first) : undefined
  if (workload !== undefined) return workload
  return { kind: 'named', names: [...new Set(names.map(parsePodName))] }
}

/** Whether a single pod is named, so that programs get one document instead of a list. */
export function isOneNamed(targets: Targets): boolean {
  return targets.kind === 'named' && targets.names.length === 1
}

/**
 * The same for a verb that acts: it wants to be told what on.
 *
 * @throws CliError (usage) also if nothing is named and neither -l nor --all given.
 */
export function parseCarefulTargets(
  verb: string,
  words: readonly string[],
  flags: TargetFlags,
): Targets {
  const targets = parseTargets(words, flags)
  const isMeant = targets.kind !== 'selected' || flags.selector !== undefined || flags.all === true
  if (isMeant) return targets
  if (flags.allNamespaces === true) {
    throw usageError(`Cannot ${verb} whatever there is by -A alone: add -l LABELS, or --all`)
  }
  throw usageError(`Cannot ${verb} nothing: name pods, or choose them with -l LABELS or --all`)
}

export function refOf({ metadata }: Pod): PodRef {
  return { namespace: metadata.namespace ?? 'default', name: metadata.name }
}

/**
 * The pods that are meant, each read once; those of a selection by namespace and name.
 *
 * @throws CliError (error) if a named one does not exist: no verdict is had then; (usage) for labels
 *   that the server cannot read.
 */
export async function readTargets(
  { pods, namespace }: Pick<Cluster, 'pods' | 'namespace'>,
  targets: PodTargets,
  verb: string,
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  if (targets.kind === 'selected') {
    const { labelSelector, allNamespaces, ownedBy } = targets
    const where = allNamespaces ? {} : { namespace }
    const found = await pods.list({ ...where, labelSelector }, signal).catch((error: unknown) => {
      if (labelSelector === undefined || !isKubeError(error, 'BadRequest')) throw error
      throw usageError(`Cannot choose pods by -l '${labelSelector}': ${error.message}`)
    })
    const meant = found.filter((pod) => isOf(pod, ownedBy))
    return meant.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  }
  const answers = await inParallel(targets.names, requestsAtOnce, (name) =>
    pods.read({ namespace, name }, signal),
  )
  const missing = targets.names.filter((_, index) => answers[index]?.kind === 'missing')
  if (missing.length > 0) {
    const what =
      missing.length === 1 ? `is no pod ${missing[0]}` : `are no pods ${missing.join(', ')}`
    throw new CliError('error', `Cannot ${verb}: there ${what} in namespace ${namespace}`)
  }
  return answers.flatMap((answer) => (answer.kind === 'pod' ? [answer.pod] : []))
}

function keyOf(pod: Pod): string {
  const { namespace, name } = refOf(pod)
  return `${namespace}/${name}`
}

/** What to say where a selection has no pods, in kubectl's words. */
export function nothingFound(targets: Targets, namespace: string): string {
  const everywhere = targets.kind === 'selected' && targets.allNamespaces
  return everywhere ? 'No pods found' : `No pods found in namespace ${namespace}`
}
