import { existsSync, readFileSync } from 'node:fs'
import { snapshotterIn } from '../../containerd/containerd-config.ts'
import { findContainerd } from '../../containerd/containerd-process.ts'
import { containerdPaths } from '../../containerd/containerd-paths.ts'
import { importImage, type ImageStore } from '../../containerd/image/import-image.ts'
import { findRuntimePrograms } from '../../containerd/machine/missing-packages.ts'
import { requireRoot } from '../../compose/require-root.ts'
import { CliError, usageError } from '../cli-error.ts'
import { defaultDataDir } from '../../containerd/default-data-dir.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from '../render/output.ts'
import { type Terminal } from '../terminal.ts'
import { type VerbContext } from '../verb.ts'

interface LoadFlags {
  readonly dataDir: string
  readonly output?: OutputFormat
}

/**
 * The images of the containerd that `podfit up` started for this directory.
 *
 * @throws CliError if it does not run or cannot be reached.
 */
function imageStore(dataDir: string): ImageStore {
  const paths = containerdPaths(dataDir)
  if (findContainerd(paths) === undefined) {
    const message = `Cannot load an image: no containerd of podfit runs in ${dataDir}; start one with podfit up --data-dir ${dataDir}`
    throw new CliError('error', message)
  }
  const found = findRuntimePrograms()
  if (found.kind === 'missing') {
    const { packages, command } = found.missing
    const message = `Cannot load an image: missing ${packages.join(', ')}; install with: ${command}`
    throw new CliError('error', message)
  }
  const snapshotter = snapshotterIn(readFileSync(paths.config, 'utf8'))
  return {
    endpoint: `unix://${paths.socket}`,
    ctr: found.programs.ctr,
    ...(snapshotter === undefined ? {} : { snapshotter }),
  }
}

async function load(file: string, flags: LoadFlags, { stdout }: Terminal): Promise<ExitCode> {
  if (!existsSync(file)) throw usageError(`Cannot load ${file}: there is no such file`)
  requireRoot('load an image')
  const images = await importImage(imageStore(flags.dataDir), file)
  stdout.write(
    flags.output === undefined
      ? images.map((image) => `loaded ${image}\n`).join('')
      : await renderDocument(flags.output, 'LoadedImages', { images }),
  )
  return exitCodes.done
}

const examples = `Import an OCI or docker-save archive into the containerd of podfit up, for pods to use
without a registry.

Examples:
  podfit image load app.tar
  docker save app:1 -o app.tar && podfit image load app.tar
`

export function define({ command, terminal, finish }: VerbContext): void {
  command.addHelpText('before', examples).helpCommand(false)
  command
    .command('load')
    .summary('Import an image archive')
    .argument('<file>', 'OCI or docker-save archive, plain or gzipped')
    .option('--data-dir <dir>', 'directory of podfit up', defaultDataDir)
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((file: string, flags: LoadFlags) => finish(load(file, flags, terminal)))
}
