import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonLines } from './json-lines.ts'

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}

test('reads values wherever the chunks are cut, also within a character', async () => {
  const text = new TextEncoder().encode('{"a":"ä€😀"}\n\n{"b":2}\r\n[3]\n{"cut')
  for (let size = 1; size <= text.length; size++) {
    const count = Math.ceil(text.length / size)
    const chunks = Array.from({ length: count }, (_, i) => text.slice(i * size, (i + 1) * size))
    const values = await Array.fromAsync(jsonLines(streamOf(...chunks)))
    assert.deepEqual(values, [{ a: 'ä€😀' }, { b: 2 }, [3]])
  }
})

test('throws for a line that is not JSON', async () => {
  const lines = jsonLines(streamOf(new TextEncoder().encode('{"a":1}\n<html>\n')))
  assert.deepEqual((await lines.next()).value, { a: 1 })
  await assert.rejects(lines.next(), SyntaxError)
})

test('leaving the loop cancels the stream', async () => {
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('1\n2\n')),
    cancel() {
      isCancelled = true
    },
  })
  for await (const value of jsonLines(body)) {
    assert.equal(value, 1)
    break
  }
  assert.ok(isCancelled)
})

test('an abort ends the lines and cancels the stream', async () => {
  const controller = new AbortController()
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    cancel() {
      isCancelled = true
    },
  })
  const ended = Array.fromAsync(jsonLines(body, controller.signal))
  controller.abort()
  assert.deepEqual(await ended, [])
  assert.ok(isCancelled)
})
