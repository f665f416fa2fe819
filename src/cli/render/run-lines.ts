import type { Run } from '../../operate/resize/run.ts'
import { itemChange } from './group-lines.ts'
import { partCell } from './part-cell.ts'
import { renderTable } from './table.ts'

/** How a run ended, in a word or two: `done`, `unfinished`, `undone by 20260131-235959-x7f`. */
export function endOfRun({ finished, begun }: Run): string {
  if (finished === undefined) return 'unfinished'
  const by = finished.end === 'undone' ? ` by ${finished.by}` : ''
  const undoes = begun.undoes === undefined ? '' : ` (undoes ${begun.undoes})`
  return `${finished.end}${by}${undoes}`
}

/** A run by its journal: its name, then each size with its change and how far it is. */
export function runTable(run: Run): string {
  const { begun, items } = run
  const rows = begun.items.map((item, index) => {
    const { state = 'waiting', outcome, direction, message = '' } = items[index] ?? {}
    const back = direction === 'back' ? 'back: ' : ''
    return [
      `${item.namespace}/${item.name}`,
      partCell(item.container),
      itemChange(item),
      `${back}${outcome ?? state}`,
      message,
    ]
  })
  const head = `${begun.id}   ${begun.at}   ${endOfRun(run)}\n`
  return head + renderTable([['POD', 'CONTAINER', 'CHANGE', 'STATE', ''], ...rows])
}
