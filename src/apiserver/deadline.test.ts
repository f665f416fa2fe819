import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Deadline } from './deadline.ts'

const never = new Promise<Response>(() => undefined)

describe('the end of the time of a request that writes', () => {
  it('waits for the write', async () => {
    const deadline = new Deadline()
    const answer = Promise.withResolvers<Response>()
    deadline.beginWrite()
    setTimeout(() => answer.resolve(new Response('done')), 20)
    const response = await deadline.meet(answer.promise, 1, 60_000)
    assert.equal(await response.text(), 'done')
  })

  it('does not wait for ever, and says that the write may be done', async () => {
    const deadline = new Deadline()
    deadline.beginWrite()
    const message =
      'Timeout: request did not complete within the allotted timeout; its write is under way and may still be done'
    await assert.rejects(deadline.meet(never, 1, 2), { code: 504, message })
  })

  it('lets no write begin', async () => {
    const deadline = new Deadline()
    const message = 'Timeout: request did not complete within the allotted timeout'
    await assert.rejects(deadline.meet(never, 1, 60_000), { code: 504, message })
    assert.throws(() => deadline.beginWrite(), { code: 504 })
  })
})
