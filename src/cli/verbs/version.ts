import { readFileSync } from 'node:fs'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from '../render/output.ts'
import { type Terminal } from '../terminal.ts'
import { type VerbContext } from '../verb.ts'

/** The version in package.json, three folders up both in src/ and in dist/. */
function podfitVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

async function printVersion(
  terminal: Terminal,
  output: OutputFormat | undefined,
): Promise<ExitCode> {
  const version = { podfit: podfitVersion(), node: process.versions.node }
  terminal.stdout.write(
    output === undefined
      ? `podfit ${version.podfit} (Node.js ${version.node})\n`
      : await renderDocument(output, 'Version', version),
  )
  return exitCodes.done
}

export function define({ command, terminal, finish }: VerbContext): void {
  command
    .addHelpText('before', 'Print the version.\n\nExamples:\n  podfit version\n')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .action((options: { output?: OutputFormat }) => finish(printVersion(terminal, options.output)))
}
