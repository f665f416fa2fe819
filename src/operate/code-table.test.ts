import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeNamed, codes, indexPage, pageOf } from './code-table.ts'

const directory = join(import.meta.dirname, '../../docs/findings')

test('docs/findings is what podfit explain prints (node scripts/generate-finding-pages.ts)', () => {
  const files = ['README.md', ...codes.map((code) => `${code}.md`)]
  assert.deepEqual(readdirSync(directory).toSorted(), files.toSorted())
  for (const code of codes) {
    assert.equal(readFileSync(join(directory, `${code}.md`), 'utf8'), pageOf(code))
  }
  assert.equal(readFileSync(join(directory, 'README.md'), 'utf8'), indexPage())
})

test('codeNamed() takes a code in any case', () => {
  assert.deepEqual(['cg101', 'PL102', 'XX1'].map(codeNamed), ['CG101', 'PL102', undefined])
})
