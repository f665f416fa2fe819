import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestApi, admin, podBody, podsPath } from '../../../test/apiserver/test-api.ts'

/** A body that begins and never ends. */
function endless(path: string): Request {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"kind":')),
  })
  return new Request(`http://podfit${path}`, { method: 'POST', body, duplex: 'half' })
}

describe('the time of a request', () => {
  it('is limited: a body that never ends costs its client an answer, and nobody else', async () => {
    using api = await TestApi.start({ requestTimeoutMs: 50 })
    const late = await api.api.fetch(endless(podsPath), { user: admin })
    assert.equal(late.status, 504)
    const status = (await late.json()) as { readonly reason: string; readonly message: string }
    assert.equal(status.reason, 'Timeout')
    assert.equal(status.message, 'Timeout: request did not complete within the allotted timeout')
    assert.equal((await api.get(podsPath)).body.items?.['length'], 0)
  })

  it('is not limited for a watch', async () => {
    using api = await TestApi.start({ requestTimeoutMs: 50 })
    const watch = await api.watch(`${podsPath}?watch=true`)
    await new Promise((resolve) => setTimeout(resolve, 150))
    await api.post(podsPath, podBody('late'))
    assert.deepEqual(await watch.take(1), ['ADDED late'])
    await watch.cancel()
  })
})
