import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startedRun } from '../../operate/resize/run.ts'
import { unfinishedRun } from './unfinished-run.ts'

const size = { requests: { cpu: '1' } }
const item = { container: 'app', from: size, to: size }
const run = startedRun({
  entry: 'begun',
  id: '20260131-235959-x7f',
  at: '2026-01-31T23:59:59Z',
  server: 'https://a',
  connection: {},
  items: [
    { ...item, namespace: 'shop', name: 'web' },
    { ...item, namespace: 'test', name: 'web' },
    { ...item, namespace: 'shop', name: 'db' },
  ],
  wave: 1,
  pauseMs: 0,
  timeoutMs: 1,
  onFailure: 'stop',
})
const next = 'carry on with podfit resize --resume, or go back with podfit undo 20260131-235959-x7f'

test('an interrupted run says whether anything was taken, and where to look', () => {
  const said = (isAnswered: boolean) =>
    unfinishedRun(new Error('stop'), run, { isAnswered, isAborted: true })
  assert.equal(said(true).exit, 'interrupted')
  const look = `look with podfit verify web db -n shop, ${next}`
  const taken = 'the node carries what was sent on by itself'
  assert.equal(said(true).message, `Interrupted: ${taken}; ${look}`)
  const unknown = 'the API server had not answered, it may have the size or not'
  assert.equal(said(false).message, `Interrupted: ${unknown}; ${look}`)
})

test('a run that failed says why, and how to go on', () => {
  const options = { isAnswered: true, isAborted: false }
  const { exit, message } = unfinishedRun(new Error('no answer'), run, options)
  assert.deepEqual([exit, message], ['error', `no answer; ${next}`])
})
