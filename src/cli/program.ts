import { Command } from 'commander'
import { usageError } from './cli-error.ts'
import { exitCodeHelp, exitCodes, type ExitCode } from './exit-codes.ts'
import { tellFailure } from './tell-failure.ts'
import { type Terminal } from './terminal.ts'
import { verbs } from './verb-table.ts'
import { type Verb } from './verb.ts'

const programHelp = `podfit resizes the CPU and memory of running pods in place and proves it.

Examples:
  podfit up                                     # a Kubernetes of one node, on this machine
  podfit resize web --cpu 500m:1 --memory 1Gi   # request:limit, while it runs
  podfit resize web --cpu +20%                  # relative; the limit follows where it is equal
  podfit verify web                             # does the kernel hold it?
  podfit undo                                   # back to the size before
`

/** The verb that the arguments name, for `podfit VERB`, `podfit help VERB`. */
function chosenVerb(args: readonly string[]): Verb | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith('-'))
  const name = first === 'help' ? second : first
  return verbs.find((verb) => verb.name === name)
}

/** Options that Commander hands down to commands which are made after they are set. */
function configured(program: Command, terminal: Terminal): Command {
  return program
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => terminal.stdout.columns ?? 80,
      getErrHelpWidth: () => terminal.stderr.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpOption('-h, --help', 'show this help')
}

/** `podfit` alone shows help; `--version` is the verb; help for what there is not is a mistake, too. */
function aliased(args: readonly string[]): readonly string[] {
  const [first, second] = args
  if (first === undefined) return ['--help']
  if (first === '--version') return ['version']
  const isMistaken = first === 'help' && second !== undefined && chosenVerb(args) === undefined
  return isMistaken ? args.slice(1) : args
}

/** @throws CliError (usage) for `podfit -n shop verify web`: only podfit's own options come first. */
function refuseEarlyOptions([first = '', ...others]: readonly string[]): void {
  const isOwn = !first.startsWith('-') || ['-h', '--help', '--version'].includes(first)
  const verb = verbs.find(({ name }) => others.includes(name))
  if (isOwn || verb === undefined) return
  throw usageError(`Cannot use ${first} before the verb: write podfit ${verb.name} ${first} ...`)
}

/**
 * Runs `podfit ARGS` to its end and returns the exit code. Only the module of
 * the verb that is used gets loaded. Never throws, never prints a stack unless
 * PODFIT_DEBUG is set.
 */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const program = configured(new Command('podfit'), terminal)
    .usage('VERB [options]')
    .addHelpText('before', programHelp)
    .addHelpText('after', `\n${exitCodeHelp}`)
    .option('--version', 'print the version')
    .helpCommand('help [verb]', 'Show the help of a verb')

  const chosen = chosenVerb(aliased(args))
  let exit: ExitCode = exitCodes.done
  const finish = async (run: Promise<ExitCode>) => {
    exit = await run
  }
  async function defineVerb(verb: Verb, command: Command): Promise<Command> {
    const module = await verb.load()
    module.define({ command, terminal, finish })
    return command
  }
  /** What the completion scripts ask: `-- VERB WORD...`, the last one at the cursor. */
  async function complete([, name = '', ...typed]: readonly string[]): Promise<ExitCode> {
    const named = verbs.find((verb) => verb.name === name)
    if (typed.length === 0) {
      const fitting = verbs.filter((verb) => verb.name.startsWith(name))
      terminal.stdout.write(fitting.map((verb) => `${verb.name}\n`).join(''))
    } else if (named !== undefined) {
      const { candidates } = await import('./complete/candidates.ts')
      const command = await defineVerb(named, program.createCommand(name))
      const silent = { ...terminal, stderr: { write: () => true } }
      const found = await candidates(command, typed, silent)
      terminal.stdout.write(found.map((one) => `${one}\n`).join(''))
    }
    return exitCodes.done
  }

  try {
    if (args[0] === '__complete') return await complete(args.slice(1))
    refuseEarlyOptions(args)
    for (const verb of verbs) {
      const command = program.command(verb.name).summary(verb.summary)
      if (verb === chosen) await defineVerb(verb, command)
    }
    await program.parseAsync([...aliased(args)], { from: 'user' })
    return exit
  } catch (error) {
    return tellFailure(error, chosen === undefined ? 'podfit' : `podfit ${chosen.name}`, terminal)
  }
}
