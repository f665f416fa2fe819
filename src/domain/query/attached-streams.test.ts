import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { attachedStreams } from './attached-streams.ts'

const none = { stdin: false, stdout: false, stderr: false, tty: false }

describe('attachedStreams', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['stdout=true&stderr=true', { stdout: true, stderr: true }],
    ['stdin=1&stdout=1', { stdin: true, stdout: true }],
    ['stderr=True&stdin=False&stdout=True&tty=False', { stdout: true, stderr: true }],
    ['stdin=0&stdout=&tty=false', { stdout: true }],
    ['stdin=true&stdout=true&stderr=true&tty=true', { stdin: true, stdout: true, tty: true }],
    ['command=ls', {}],
  ]
  for (const [query, wanted] of cases) {
    it(`reads ${query}`, () => {
      assert.deepEqual(attachedStreams(new URLSearchParams(query)), { ...none, ...wanted })
    })
  }
})
