import { usageError } from '../cli-error.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { completionScripts, shells } from '../render/completion.ts'
import type { Terminal } from '../terminal.ts'
import { type VerbContext } from '../verb.ts'

/** @throws CliError (usage) if `name` is none of the three. */
async function printCompletion(name: string, { stdout }: Terminal): Promise<ExitCode> {
  const shell = shells.find((one) => one === name)
  if (shell === undefined) {
    throw usageError(`Cannot write completion for '${name}': bash, zsh and fish are known`)
  }
  stdout.write(completionScripts[shell])
  return exitCodes.done
}

const examples = `Print a script that completes podfit's verbs, options and what there is to name: pods,
namespaces, containers, contexts, runs, codes. After kubectl podfit kubectl's own completion does
it, where kubectl_complete-podfit is on the PATH, too.

Examples:
  source <(podfit completion bash)                         # this shell
  podfit completion bash > /etc/bash_completion.d/podfit   # every new one
  podfit completion zsh > "\${fpath[1]}/_podfit"
  podfit completion fish > ~/.config/fish/completions/podfit.fish
`

export function define({ command, terminal, finish }: VerbContext): void {
  command
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('before', examples)
    .action((shell: string) => finish(printCompletion(shell, terminal)))
}
