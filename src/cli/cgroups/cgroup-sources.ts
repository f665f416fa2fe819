import { type Command, Option } from 'commander'
import { openCgroupTree } from '../../cgroup/open-cgroup-tree.ts'
import type { Pod } from '../../domain/pod.ts'
import type { CgroupSource, LookOptions } from '../../operate/cgroups/cgroup-look.ts'
import type { UsageSource } from '../../operate/cluster/usage.ts'
import { usageError } from '../cli-error.ts'
import type { Cluster } from '../cluster/connection.ts'
import { insideCgroups, type InsideOptions } from './inside-cgroups.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { runtimePlaces } from './runtime-places.ts'

export const sourceChoices = ['auto', 'machine', 'exec'] as const

/** Where to look for cgroups: `auto` is this machine, else exec in the containers. */
export type SourceChoice = (typeof sourceChoices)[number]

export interface SourceFlags {
  readonly source: SourceChoice
  readonly runtimeEndpoint?: string
  readonly dataDir?: string
}

function parseSource(text: string): SourceChoice {
  const known = sourceChoices.find((name) => name === text)
  if (known !== undefined) return known
  throw usageError(
    `Cannot look at cgroups by '${text}': --source takes ${sourceChoices.join(', ')}`,
  )
}

export function addSourceFlag(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--source <where>',
        'where to look at cgroups: machine (this one), exec (from inside the container), or auto',
      )
        .argParser(parseSource)
        .default('auto', 'auto: this machine, else exec'),
    )
    .option(
      '--runtime-endpoint <socket>',
      'container runtime of this machine to ask where cgroups are (default: those that listen)',
      parseEndpoint,
    )
}

/** @throws CliError (usage) if it is no socket on this machine. */
export function parseEndpoint(text: string): string {
  if (/^(unix:\/\/)?\//.test(text)) return text
  throw usageError(
    `Cannot use '${text}': --runtime-endpoint takes unix:///PATH or an absolute path`,
  )
}

/** The cgroups of pods, by the first source that sees them. */
export function cgroupSource(
  { exec }: Pick<Cluster, 'exec'>,
  { source: choice, runtimeEndpoint: endpoint, dataDir }: SourceFlags,
  how: InsideOptions = {},
): CgroupSource & UsageSource {
  const machine = machineCgroups(openCgroupTree, runtimePlaces({ endpoint, dataDir }))
  if (choice === 'machine') return machine
  const inside = insideCgroups(exec, how)
  if (choice === 'exec') return inside
  return {
    ...(machine.untilChanged && { untilChanged: machine.untilChanged }),
    async look(pod: Pod, signal: AbortSignal, how?: LookOptions) {
      const here = await machine.look(pod, signal, how)
      if (here.kind === 'seen' || pod.spec.nodeName === undefined) return here
      const there = await inside.look(pod, signal)
      if (there.kind === 'seen') return there
      return { ...there, why: `${here.why}; ${there.why}` }
    },
    async sample(pod, signal) {
      return (await machine.sample(pod, signal)) ?? (await inside.sample(pod, signal))
    },
  }
}
