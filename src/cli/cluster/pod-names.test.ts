import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePodName } from './pod-names.ts'

test('parsePodName() takes kubectl’s ways to name a pod', () => {
  for (const text of ['web', 'pod/web', 'pods/web', 'po/web', 'Pod/web']) {
    assert.equal(parsePodName(text), 'web', text)
  }
  assert.equal(parsePodName('web-0.a'), 'web-0.a')
})

test('parsePodName() refuses other kinds and impossible names', () => {
  assert.throws(() => parsePodName('node/web'), /pods can be named, as NAME or pod\/NAME/)
  for (const text of [
    '',
    'pod/',
    'Web',
    'a/b/c',
    'pod/a/b',
    'we b',
    '-web',
    '../x',
    'a'.repeat(254),
  ]) {
    assert.throws(() => parsePodName(text), { name: 'CliError', exit: 'usage' }, text)
  }
})
