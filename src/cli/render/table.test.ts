import assert from 'node:assert/strict'
import { styleText } from 'node:util'
import { test } from 'node:test'
import { renderTable } from './table.ts'

test('renderTable() makes columns as wide as their widest cell', () => {
  const text = renderTable([
    ['NAME', 'SIZE', 'FILE'],
    ['a-long-name', '1', 'cpu.max'],
    ['b', '', ''],
    ['a title, as long as it is'],
  ])
  const title = 'a title, as long as it is'
  assert.equal(text, `NAME          SIZE   FILE\na-long-name   1      cpu.max\nb\n${title}\n`)
})

test('renderTable() does not count colours as width', () => {
  const green = styleText('green', 'ok', { validateStream: false })
  assert.equal(
    renderTable([
      [green, 'x'],
      ['four', 'y'],
    ]),
    `${green}     x\nfour   y\n`,
  )
})
