import type { Command } from 'commander'
import { failurePolicies, type FailurePolicy } from '../../operate/resize/journal.ts'
import { addSourceFlag, type SourceFlags } from '../cgroups/cgroup-sources.ts'
import { usageError } from '../cli-error.ts'
import type { Cluster } from '../cluster/connection.ts'
import { durationOption } from '../render/duration.ts'
import { parseOutputFormat, type OutputFormat } from '../render/output.ts'
import { addSizeFlags, type SizeFlags } from './size-flags.ts'
import { addCarefulTargetFlags, type TargetFlags } from '../cluster/targets.ts'
import type { Terminal } from '../terminal.ts'

/** `none` is no dry run, as kubectl has it. */
export const dryRuns = ['none', 'client', 'server'] as const

/** The flags of `podfit resize`. */
export interface ResizeFlags extends TargetFlags, SizeFlags, SourceFlags {
  readonly output?: OutputFormat
  readonly timeout: number
  readonly dryRun?: 'client' | 'server'
  readonly yes?: boolean
  readonly wave: string
  readonly pause: number
  readonly onFailure: FailurePolicy
  readonly resume?: boolean
  /** The long names of those that were given, and are not as usual. */
  readonly given: ReadonlySet<string>
}

/** One call of the verb: what every step needs. */
export interface ResizeCall {
  readonly flags: ResizeFlags
  readonly terminal: Terminal
  readonly cluster: Cluster
  /** Programs get one document instead of a list. */
  readonly isOneNamed: boolean
}

function parseDryRun(text: string): 'client' | 'server' | undefined {
  const known = dryRuns.find((name) => name === text)
  if (known !== undefined) return known === 'none' ? undefined : known
  throw usageError(`Cannot run dry as '${text}': --dry-run takes ${dryRuns.join(', ')}`)
}

function parseFailurePolicy(text: string): FailurePolicy {
  const known = failurePolicies.find((name) => name === text)
  if (known !== undefined) return known
  throw usageError(
    `Cannot '${text}' on a failure: --on-failure takes ${failurePolicies.join(', ')}`,
  )
}

export function addResizeFlags(command: Command): Command {
  return addSourceFlag(addSizeFlags(addCarefulTargetFlags(command)))
    .option('--wave <n|%>', 'pods that go at once: 3, or 20% of them', '1')
    .addOption(durationOption('--pause <duration>', 'between waves', '0s'))
    .option('--on-failure <act>', 'stop, rollback or continue', parseFailurePolicy, 'stop')
    .option('--resume', 'carry on the newest run that was interrupted, or the one named')
    .addOption(
      durationOption('--timeout <duration>', 'for each pod; 0 sends it and does not wait', '1m'),
    )
    .option('--dry-run <where>', 'send nothing (client), or change nothing (server)', parseDryRun)
    .option('-y, --yes', 'do not ask on a terminal')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
}
