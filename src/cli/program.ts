import { Command, CommanderError } from 'commander'
import { CliError, usageError } from './cli-error.ts'
import { isKubeError } from '../kube/kube-error.ts'
import { exitCodeHelp, exitCodes, type ExitCode } from './exit-codes.ts'
import { type Terminal } from './terminal.ts'
import { type Verb } from './verb.ts'

const verbs: readonly Verb[] = [
  {
    name: 'up',
    summary: 'Start a Kubernetes with one node on this machine',
    load: () => import('./up.ts'),
  },
  {
    name: 'down',
    summary: 'Stop what up started; its data stays',
    load: () => import('./down.ts'),
  },
  {
    name: 'plan',
    summary: 'Say what would happen to a resize, without changing anything',
    load: () => import('./plan.ts'),
  },
  {
    name: 'resize',
    summary: 'Resize running pods in place and follow it to the kernel',
    load: () => import('./resize.ts'),
  },
  {
    name: 'verify',
    summary: 'Compare what the API says with what the kernel holds',
    load: () => import('./verify.ts'),
  },
  {
    name: 'get',
    summary: 'Show the sizes of pods, and where their resizes stand',
    load: () => import('./get.ts'),
  },
  {
    name: 'top',
    summary: 'Show what pods use beside their sizes',
    load: () => import('./top.ts'),
  },
  {
    name: 'why',
    summary: 'Say what a resize waits for, or what it failed on',
    load: () => import('./why.ts'),
  },
  {
    name: 'explain',
    summary: 'Explain the code of a finding or warning',
    load: () => import('./explain.ts'),
  },
  {
    name: 'check',
    summary: 'Check whether cluster, nodes and user can resize in place',
    load: () => import('./check.ts'),
  },
  {
    name: 'undo',
    summary: 'Bring pods back to the size before a resize',
    load: () => import('./undo.ts'),
  },
  {
    name: 'history',
    summary: 'List the resizes that were made from here',
    load: () => import('./history.ts'),
  },
  {
    name: 'image',
    summary: 'Load container images for the pods of up',
    load: () => import('./image.ts'),
  },
  {
    name: 'completion',
    summary: 'Print the completion script for bash, zsh or fish',
    load: () => import('./completion.ts'),
  },
  { name: 'version', summary: 'Print the version', load: () => import('./version.ts') },
]

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

/** Commander's own messages come as `error: unknown option '-x'\n(Did you mean -y?)\n`. */
function oneLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
}

function explain(error: unknown, where: string, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done
    // A verb of verbs alone has shown its help.
    if (error.code === 'commander.help') return exitCodes.usage
    terminal.stderr.write(
      `${where}: ${oneLine(error.message).replace(/\.$/, '')}; see ${where} --help\n`,
    )
    return exitCodes.usage
  }
  const debug = (terminal.env['PODFIT_DEBUG'] ?? '') !== '' && error instanceof Error
  terminal.stderr.write(`${where}: ${debug ? error.stack : oneLine(messageOf(error, terminal))}\n`)
  if (terminal.signal.aborted) return exitCodes.interrupted
  return error instanceof CliError ? exitCodes[error.exit] : exitCodes.error
}

/** What a call says that was broken off is nothing to whoever has broken it off. */
function messageOf(error: unknown, { signal }: Terminal): string {
  const isOurs = error instanceof CliError || !signal.aborted
  const message = error instanceof Error ? error.message : String(error)
  if (!isOurs && error instanceof Error && error.name === 'AbortError') return 'Interrupted'
  return isKubeError(error, 'Forbidden') ? `${message}; podfit check says what is missing` : message
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
    return explain(error, chosen === undefined ? 'podfit' : `podfit ${chosen.name}`, terminal)
  }
}
