import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestApi, admin, podBody, podsPath, textOf } from '../../../test/apiserver/test-api.ts'
import { waitUntil } from '../../../test/support/wait-until.ts'

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
    const { body } = await waitUntil(
      'others to be answered, within the same time',
      () => api.get(podsPath),
      ({ code }) => code === 200,
    )
    assert.equal(body.items?.['length'], 0)
  })

  it('is what the client asks for, and no longer than others have', async () => {
    using api = await TestApi.start({ requestTimeoutMs: 50 })
    for (const timeout of ['1ms', '0', '-1s', '1h', '']) {
      const asked = endless(`${podsPath}?timeout=${timeout}`)
      assert.equal((await api.api.fetch(asked, { user: admin })).status, 504, timeout)
    }
    const wrong = await api.get(`${podsPath}?timeout=10`)
    assert.equal(wrong.code, 400)
    const why = 'invalid timeout specified in the request URL - time: missing unit in duration "10"'
    assert.equal(textOf(wrong.body.message), why)
  })

  it('is over for a write that has not begun: what was refused is not done', async () => {
    using api = await TestApi.start()
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const path = `${podsPath}?timeout=1ms`
    const asked = new Request(`http://podfit${path}`, {
      method: 'POST',
      body: readable,
      duplex: 'half',
    })
    const refused = await api.api.fetch(asked, { user: admin })
    assert.equal(refused.status, 504)
    const writer = writable.getWriter()
    await writer.write(new TextEncoder().encode(JSON.stringify(podBody('late'))))
    await writer.close()
    assert.equal((await api.post(podsPath, podBody('next'))).code, 201)
    assert.equal((await api.get(`${podsPath}/late`)).code, 404)
  })

  it('is not limited for a watch', async () => {
    using api = await TestApi.start({ requestTimeoutMs: 50 })
    const watch = await api.watch(`${podsPath}?watch=true`)
    // By then the watch has had its time, too.
    assert.equal((await api.api.fetch(endless(podsPath), { user: admin })).status, 504)
    // A write that takes longer is done all the same.
    await waitUntil(
      'a pod to be made',
      () => api.post(podsPath, podBody('late')),
      ({ code }) => code === 201 || code === 409,
    )
    assert.deepEqual(await watch.take(1), ['ADDED late'])
    await watch.cancel()
  })
})
