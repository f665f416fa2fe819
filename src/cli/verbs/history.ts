import { isGood, type Run } from '../../operate/resize/run.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { openJournalStore } from '../runs/journal-store.ts'
import { itemChange } from '../render/group-lines.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from '../render/output.ts'
import { endOfRun, runTable } from '../render/run-lines.ts'
import { renderTable } from '../render/table.ts'
import { chosenRun } from '../runs/resume.ts'
import type { Terminal } from '../terminal.ts'
import type { VerbContext } from '../verb.ts'

interface HistoryFlags {
  readonly output?: OutputFormat
}

function runRow(run: Run): readonly string[] {
  const { begun, items } = run
  const [first] = begun.items
  const good = items.filter(({ outcome, direction }) => direction === 'forward' && isGood(outcome))
  const names = begun.items.length === 1 ? (first?.name ?? '') : `${begun.items.length} pods`
  const changes = new Set(begun.items.map(itemChange))
  return [
    begun.id,
    begun.at.slice(0, 19).replace('T', ' '),
    names,
    `${[...changes][0] ?? ''}${changes.size > 1 ? ', and others' : ''}`,
    `${good.length}/${items.length}`,
    endOfRun(run),
  ]
}

async function history(
  id: string | undefined,
  { output }: HistoryFlags,
  { stdout, stderr, env }: Terminal,
): Promise<ExitCode> {
  const runs = openJournalStore(env).runs()
  const chosen = id === undefined ? undefined : chosenRun(runs, id, () => true)
  if (output !== undefined) {
    const document = ({ begun, items, rollingBack, finished }: Run) => {
      const { entry: _entry, format: _format, ...rest } = begun
      const pods = begun.items.map((item, index) => ({
        ...item,
        ...(item.container === undefined && { podLevel: true }),
        ...items[index],
      }))
      return { ...rest, items: pods, rollingBack, ...(finished && { finished }) }
    }
    stdout.write(
      chosen === undefined
        ? await renderDocument(output, 'RunList', { items: runs.map(document) })
        : await renderDocument(output, 'Run', document(chosen)),
    )
    return exitCodes.done
  }
  if (chosen !== undefined) {
    stdout.write(runTable(chosen))
    return exitCodes.done
  }
  if (runs.length === 0) stderr.write('No resize has been made from here yet\n')
  else {
    const header = ['ID', 'BEGUN (UTC)', 'PODS', 'CHANGE', 'DONE', 'STATE']
    stdout.write(renderTable([header, ...runs.map(runRow)]))
  }
  return exitCodes.done
}

const examples = `List the resizes that were made from here, the newest last, as their journals tell.

Examples:
  podfit history                       # all of them
  podfit history 20260131-235959-x7f   # one, pod by pod
  podfit history -o json
`

export function define({ command, terminal, finish }: VerbContext): void {
  command
    .argument('[id]', 'one run; its beginning will do')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((id: string | undefined, flags: HistoryFlags) => finish(history(id, flags, terminal)))
}
