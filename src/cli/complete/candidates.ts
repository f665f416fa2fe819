import type { Command } from 'commander'
import { codes } from '../../operate/code-table.ts'
import { failurePolicies } from '../../operate/resize/journal.ts'
import { sourceChoices } from '../cgroups/cgroup-sources.ts'
import { filesAnswer, shells } from '../render/completion.ts'
import { dryRuns } from '../resize/resize-flags.ts'
import type { Terminal } from '../terminal.ts'
import {
  containerNames,
  contextNames,
  labelPairs,
  namespaceNames,
  podNames,
  runIds,
} from './live-names.ts'
import { wordsSoFar, type WordsSoFar } from './words-so-far.ts'

type Names = (words: WordsSoFar, terminal: Terminal) => Promise<readonly string[]>

const just =
  (...names: readonly string[]): Names =>
  () =>
    Promise.resolve(names)
const files = just(filesAnswer)

/** What an option takes, by its name in the flags. */
const valuesOf: Readonly<Record<string, Names>> = {
  namespace: namespaceNames,
  context: contextNames,
  container: containerNames,
  selector: labelPairs,
  kubeconfig: files,
  dataDir: files,
  filename: files,
  runtimeEndpoint: files,
  source: just(...sourceChoices),
  onFailure: just(...failurePolicies),
  dryRun: just(...dryRuns),
}

/** What a verb takes. */
const argumentsOf: Readonly<Record<string, Names>> = {
  plan: podNames,
  resize: (words, terminal) =>
    words.flags['resume'] === true ? runIds(words, terminal) : podNames(words, terminal),
  verify: podNames,
  get: podNames,
  top: podNames,
  why: podNames,
  undo: runIds,
  history: runIds,
  explain: just(...codes),
  completion: just(...shells),
  load: files,
}

/** What could stand at the cursor, by the options and subcommands of `command`. Throws as the API does. */
async function possible(
  command: Command,
  words: WordsSoFar,
  terminal: Terminal,
): Promise<readonly string[]> {
  const { option, current } = words
  if (option?.attributeName() === 'output') {
    return command.name() === 'get' ? ['wide', 'json', 'yaml'] : ['json', 'yaml']
  }
  if (option !== undefined) {
    const names = await valuesOf[option.attributeName()]?.(words, terminal)
    return names ?? option.argChoices ?? []
  }
  if (current.startsWith('-')) {
    const options = command.createHelp().visibleOptions(command)
    return options.flatMap(({ long }) => (long === undefined ? [] : [long]))
  }
  if (command.commands.length > 0) return command.commands.map((child) => child.name())
  return (await argumentsOf[command.name()]?.(words, terminal)) ?? []
}

/**
 * What could be written at the cursor, for a shell to offer: `typed` are the words after the
 * verb, the last one at the cursor and perhaps empty. What cannot be known is not offered.
 */
export async function candidates(
  command: Command,
  typed: readonly string[],
  terminal: Terminal,
): Promise<readonly string[]> {
  const child = command.commands.find((one) => one.name() === typed[0])
  if (child !== undefined && typed.length > 1) return candidates(child, typed.slice(1), terminal)
  const words = wordsSoFar(command, typed)
  const all = await possible(command, words, terminal).catch(() => [])
  if (all[0] === filesAnswer) return all
  const fitting = all.filter((one) => one.startsWith(words.current))
  return [...new Set(fitting)].map((one) => words.before + one.slice(words.skip))
}
