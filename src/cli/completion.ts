import { type Command } from 'commander'
import { usageError } from './cli-error.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { bashCompletion, fishCompletion, zshCompletion, type Words } from './render/completion.ts'
import { type VerbContext } from './verb.ts'

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

function isShell(name: string): name is keyof typeof scripts {
  return Object.hasOwn(scripts, name)
}

/** What can follow a verb: its subcommands, then its long options. */
function wordsAfter(command: Command): readonly string[] {
  const options = command.createHelp().visibleOptions(command)
  return [
    ...command.commands.map((child) => child.name()),
    ...options.map((option) => option.long ?? option.short ?? ''),
  ]
}

/** @throws CliError (usage) if `shell` is none of the three. */
async function printCompletion(shell: string, context: VerbContext): Promise<ExitCode> {
  if (!isShell(shell)) {
    throw usageError(`Cannot write completion for '${shell}': bash, zsh and fish are known`)
  }
  const words: Words = new Map(
    (await context.allCommands()).map((command) => [command.name(), wordsAfter(command)]),
  )
  context.terminal.stdout.write(scripts[shell](words))
  return exitCodes.done
}

const examples = `Print a script that completes podfit's verbs and options.

Examples:
  source <(podfit completion bash)                         # this shell
  podfit completion bash > /etc/bash_completion.d/podfit   # every new one
  podfit completion zsh > "\${fpath[1]}/_podfit"
  podfit completion fish > ~/.config/fish/completions/podfit.fish
`

export function define(context: VerbContext): void {
  context.command
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('before', examples)
    .action((shell: string) => context.finish(printCompletion(shell, context)))
}
