import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventQueue, type QueueEnd } from './event-queue.ts'

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`)
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text()
}

describe('event queue', () => {
  it('sends what there was first, then what came, then ends', async () => {
    let ended = 0
    const queue = new EventQueue([() => line('a'), () => line('b')], () => {
      ended += 1
    })
    queue.push(line('c'))
    queue.end()
    queue.push(line('too late'))
    assert.equal(await readAll(queue.stream), 'a\nb\nc\n')
    assert.equal(ended, 1)
  })

  it('hands a waiting reader a line as it comes, without a copy', async () => {
    const queue = new EventQueue([], () => undefined)
    const reader = queue.stream.getReader()
    const shared = line('x')
    const reading = reader.read()
    queue.push(shared)
    assert.equal((await reading).value, shared)
    const next = reader.read()
    queue.push(line('y'))
    assert.equal(new TextDecoder().decode((await next).value), 'y\n')
    await reader.cancel()
  })

  it('sends many small lines as few chunks', async () => {
    const queue = new EventQueue([], () => undefined)
    for (let i = 0; i < 1000; i++) queue.push(line(String(i)))
    queue.end()
    let chunks = 0
    let text = ''
    for await (const chunk of queue.stream) {
      chunks += 1
      text += new TextDecoder().decode(chunk)
    }
    assert.equal(chunks, 1)
    assert.equal(text.split('\n').length, 1001)
  })

  it('loses nothing of a state that is larger than a chunk', async () => {
    const big = 'x'.repeat(50_000)
    const initial = Array.from({ length: 20 }, (_, i) => () => line(`${i}${big}`))
    const queue = new EventQueue(initial, () => undefined)
    for (let i = 0; i < 20; i++) queue.push(line(`live${i}${big}`))
    queue.end()
    const lines = (await readAll(queue.stream)).trimEnd().split('\n')
    assert.deepEqual(
      lines.map((text) => text.replaceAll('x', '')),
      [
        ...Array.from({ length: 20 }, (_, i) => String(i)),
        ...Array.from({ length: 20 }, (_, i) => `live${i}`),
      ],
    )
  })

  it('cuts off a reader that lets too much pile up, without waiting for it to read', async () => {
    const ends: QueueEnd[] = []
    const queue = new EventQueue([], (how) => ends.push(how))
    for (let i = 0; i < 10_000; i++) queue.push(line('x'))
    assert.deepEqual(ends, ['cutOff'])
    assert.equal(await readAll(queue.stream), '')
  })

  it('takes nothing more once it ends, though nobody has read what is waiting', async () => {
    const ends: QueueEnd[] = []
    const queue = new EventQueue([], (how) => ends.push(how))
    queue.push(line('x'))
    queue.end()
    assert.deepEqual(ends, ['ended'])
    assert.equal(await readAll(queue.stream), 'x\n')
    queue.cutOff()
    assert.deepEqual(ends, ['ended'])
  })

  it('lets go of a reader that waits when it is cut off', async () => {
    const queue = new EventQueue([], () => undefined)
    const reading = queue.stream.getReader().read()
    queue.cutOff()
    assert.equal((await reading).done, true)
  })

  it('tells when the reader goes away', async () => {
    const ends: QueueEnd[] = []
    const queue = new EventQueue([], (how) => ends.push(how))
    await queue.stream.cancel()
    queue.push(line('x'))
    queue.end()
    assert.deepEqual(ends, ['cancelled'])
  })
})
