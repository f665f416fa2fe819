import { codeNamed, codes, codeTable, pageOf } from '../../operate/code-table.ts'
import { usageError } from '../cli-error.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from '../render/output.ts'
import { renderTable } from '../render/table.ts'
import { paintFor, type Terminal } from '../terminal.ts'
import type { VerbContext } from '../verb.ts'

interface ExplainFlags {
  readonly output?: OutputFormat
}

async function explain(
  text: string | undefined,
  { output }: ExplainFlags,
  { stdout, env }: Terminal,
): Promise<ExitCode> {
  const code = text === undefined ? undefined : codeNamed(text)
  if (text !== undefined && code === undefined) {
    throw usageError(`Cannot explain '${text}': the codes are ${codes.join(', ')}`)
  }
  if (output !== undefined) {
    const items = (code === undefined ? codes : [code]).map((one) => ({
      code: one,
      ...codeTable[one],
    }))
    const [only] = items
    stdout.write(
      code !== undefined && only !== undefined
        ? await renderDocument(output, 'FindingMeaning', only)
        : await renderDocument(output, 'FindingMeaningList', { items }),
    )
  } else if (code === undefined) {
    const paint = paintFor(stdout, env)
    const rows = codes.map((one) => {
      const { level, title } = codeTable[one]
      return [one, paint(level === 'error' ? 'red' : 'yellow', level), title]
    })
    stdout.write(renderTable([['CODE', 'LEVEL', 'MEANING'], ...rows]))
  } else {
    stdout.write(pageOf(code))
  }
  return exitCodes.done
}

const examples = `Print what a code means that verify, why or plan has shown, what causes it and what to do.

Examples:
  podfit explain CG101
  podfit explain         # all codes
`

export function define({ command, terminal, finish }: VerbContext): void {
  command
    .argument('[code]', 'such as CG101')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((code: string | undefined, flags: ExplainFlags) =>
      finish(explain(code, flags, terminal)),
    )
}
