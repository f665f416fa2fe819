import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOutputFormat, renderDocument } from './output.ts'

test('renderDocument() puts apiVersion and kind first, in json and yaml', async () => {
  const size = { cpu: '500m' }
  const content = { before: size, after: size }
  assert.equal(
    await renderDocument('json', 'ResizeReport', content),
    `${JSON.stringify({ apiVersion: 'podfit.dev/v1', kind: 'ResizeReport', ...content }, undefined, 2)}\n`,
  )
  assert.equal(
    await renderDocument('yaml', 'ResizeReport', content),
    'apiVersion: podfit.dev/v1\nkind: ResizeReport\nbefore:\n  cpu: 500m\nafter:\n  cpu: 500m\n',
  )
})

test('parseOutputFormat() refuses what is no format', () => {
  assert.equal(parseOutputFormat('yaml'), 'yaml')
  assert.throws(() => parseOutputFormat('xml'), /Cannot print as 'xml': -o takes json or yaml/)
})
