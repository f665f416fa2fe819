import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codes, indexPage, pageOf } from '../src/operate/code-table.ts'

/** Writes docs/findings from the table that `podfit explain` prints from. */
const directory = join(import.meta.dirname, '../docs/findings')
mkdirSync(directory, { recursive: true })
for (const code of codes) writeFileSync(join(directory, `${code}.md`), pageOf(code))
writeFileSync(join(directory, 'README.md'), indexPage())
