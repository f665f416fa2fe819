import { stripVTControlCharacters } from 'node:util'

/** Columns of a terminal that a text takes, colours not counted. */
export function displayWidth(text: string): number {
  return stripVTControlCharacters(text).length
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/**
 * Rows as kubectl prints them: columns as wide as their widest cell, three
 * spaces apart, nothing behind the last one. A shorter row ends early; one of a single cell is a
 * title, which may be wider than its column.
 */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    if (row.length === 1) continue
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell))
    }
  }
  return rows
    .map((row) => row.map((cell, column) => padded(cell, widths[column] ?? 0)).join('   '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}
