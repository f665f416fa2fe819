import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestApi, podBody, podsPath } from '../../../test/apiserver/test-api.ts'
import { mostMutating } from '../routing/in-flight.ts'

async function linesOf(api: TestApi, start: string): Promise<readonly string[]> {
  const { text } = await api.get('/metrics')
  return text.split('\n').filter((line) => line.startsWith(start))
}

describe('/metrics', () => {
  it('counts requests by what they were about and how they ended', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('one'))
    await api.post(podsPath, podBody('one'))
    await api.get(podsPath)
    const lines = await linesOf(api, 'apiserver_request_total')
    const about = 'group="",version="v1",resource="pods",subresource="",scope="namespace"'
    assert.deepEqual(lines, [
      `apiserver_request_total{verb="POST",${about},component="apiserver",code="201"} 1`,
      `apiserver_request_total{verb="POST",${about},component="apiserver",code="409"} 1`,
      `apiserver_request_total{verb="LIST",${about},component="apiserver",code="200"} 1`,
    ])
    const durations = await linesOf(api, 'apiserver_request_duration_seconds_count')
    assert.ok(durations.some((line) => line.includes('verb="POST"') && line.endsWith(' 2')))
  })

  it('tells how many objects and watchers there are', async () => {
    using api = await TestApi.start()
    await api.post(podsPath, podBody('one'))
    const watch = await api.watch(`${podsPath}?watch=true`)
    const objects = await linesOf(api, 'apiserver_resource_objects{resource="pods"}')
    assert.deepEqual(objects, ['apiserver_resource_objects{resource="pods"} 1'])
    const watchers = () => linesOf(api, 'apiserver_registered_watchers')
    assert.match((await watchers())[0] ?? '', /kind="Pod"\} 1$/)
    await watch.cancel()
    assert.match((await watchers())[0] ?? '', /kind="Pod"\} 0$/)
  })

  it("has room for the node's", async () => {
    using api = await TestApi.start({ moreMetrics: () => Promise.resolve('kubelet_up 1\n') })
    assert.deepEqual(await linesOf(api, 'kubelet_up'), ['kubelet_up 1'])
    const stranger = await api.api.fetch(new Request('http://podfit/metrics'))
    assert.equal(stranger.status, 401)
  })
})

describe('too many requests at once', () => {
  it('are turned away with 429, and none is left counted', async () => {
    using api = await TestApi.start()
    const names = Array.from({ length: mostMutating + 50 }, (_, index) => `m${index}`)
    const body = (name: string) => ({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name } })
    const path = '/api/v1/namespaces/default/configmaps'
    const answers = await Promise.all(names.map((name) => api.post(path, body(name))))
    const refused = answers.filter(({ code }) => code === 429)
    assert.equal(refused.length, 50)
    assert.equal(refused[0]?.headers.get('retry-after'), '1')
    assert.equal(refused[0]?.body.reason, 'TooManyRequests')
    assert.equal(answers.filter(({ code }) => code === 201).length, mostMutating)
    assert.equal((await api.post(path, body('after'))).code, 201)
    const [line] = await linesOf(
      api,
      'apiserver_current_inflight_requests{request_kind="mutating"}',
    )
    assert.match(line ?? '', / 0$/)
  })
})
