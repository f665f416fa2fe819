import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestApi, podBody, podsPath, textOf } from '../../../test/apiserver/test-api.ts'

describe('the addresses of a pod', () => {
  it('agree, however a client tells them', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('a'))
    const tell = async (status: object) => {
      const { body } = await api.patch(`${podsPath}/a/status`, { status }, 'merge')
      const { podIP, podIPs } = body.status ?? {}
      return { podIP, podIPs } as unknown
    }
    const [one, two, six] = ['10.0.0.1', '10.0.0.2', 'fd00::1']
    assert.deepEqual(await tell({ podIP: one }), { podIP: one, podIPs: [{ ip: one }] })
    assert.deepEqual(await tell({ podIP: two }), { podIP: two, podIPs: [{ ip: two }] })
    const both = [{ ip: two }, { ip: six }]
    assert.deepEqual(await tell({ podIPs: both }), { podIP: two, podIPs: both })
    assert.deepEqual(await tell({ podIP: null }), { podIP: two, podIPs: both })
    assert.deepEqual(await tell({ podIP: null, podIPs: null }), {
      podIP: undefined,
      podIPs: undefined,
    })
  })

  it('are addresses, one of each family', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('a'))
    const status = {
      podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }],
      hostIP: '10.0.0.3',
      hostIPs: [{ ip: 'x' }],
    }
    const { code, body } = await api.patch(`${podsPath}/a/status`, { status }, 'merge')
    assert.equal(code, 422)
    assert.equal(
      textOf(body.message).split(' is invalid: ')[1],
      '[status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family, status.hostIPs[0].ip: Invalid value: "x": must be equal to `hostIP`, status.hostIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)]',
    )
  })
})
