import { InvalidArgumentError } from 'commander'
import { usageError } from '../cli-error.ts'
import { defaultDataDir } from '../../containerd/default-data-dir.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from '../render/output.ts'
import { type Terminal } from '../terminal.ts'
import { type VerbContext } from '../verb.ts'

interface DownFlags {
  readonly dataDir: string
  readonly gracePeriod: number
  readonly purge?: boolean
  readonly output?: OutputFormat
}

const help = `Stop the podfit of a directory with its pods and its containerd. Its objects stay, and the
next podfit up runs the pods again.

Examples:
  podfit down
  podfit down --purge                     # and remove its objects, images and certificates
  podfit down --data-dir /tmp/a --grace-period 0
`

function parseSeconds(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of seconds.')
}

async function run(flags: DownFlags, terminal: Terminal): Promise<ExitCode> {
  const { dataDir, gracePeriod, purge = false } = flags
  const { down, nothingToStop } = await import('../../compose/down.ts')
  const nothing = nothingToStop(dataDir)
  if (nothing !== undefined) throw usageError(`Cannot stop podfit in ${dataDir}: ${nothing}`)
  const progress = (line: string): void => void terminal.stderr.write(`${line}\n`)
  await down({ dataDir, graceSeconds: gracePeriod, purge, progress })
  if (flags.output !== undefined) {
    terminal.stdout.write(await renderDocument(flags.output, 'Down', { dataDir, purged: purge }))
  }
  return exitCodes.done
}

export function define({ command, terminal, finish }: VerbContext): void {
  command
    .addHelpText('before', help)
    .option('--data-dir <dir>', 'directory of podfit up', defaultDataDir)
    .option('--grace-period <seconds>', 'what containers get after SIGTERM', parseSeconds, 5)
    .option('--purge', 'remove what podfit keeps in the directory, too')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .action((flags: DownFlags) => finish(run(flags, terminal)))
}
