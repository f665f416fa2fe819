import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { listOf, TestApi, textOf } from '../../test/apiserver/test-api.ts'

const path = '/api/v1/namespaces/default/events'
const hour = 3_600_000

describe('events', () => {
  it('are forgotten an hour after they last happened', async () => {
    const start = Date.parse('2026-01-01T00:00:00Z')
    using first = await TestApi.start({ now: () => start })
    const involvedObject = { kind: 'Pod', name: 'a', namespace: 'default' }
    for (const name of ['old', 'repeated']) {
      const lastTimestamp = new Date(start + (name === 'old' ? 0 : hour / 2)).toISOString()
      await first.post(path, { metadata: { name }, involvedObject, lastTimestamp })
    }
    first.api.close()
    const database = join(first.directory, 'api.db')
    using api = await TestApi.start({ database, now: () => start + hour + 1000 })
    const watch = await api.watch(`${path}?watch=true`)
    const seen = new Set(await watch.take(1))
    if ((await api.get(`${path}/old`)).code !== 404) {
      while (!seen.has('DELETED old')) for (const line of await watch.take(1)) seen.add(line)
    }
    await watch.cancel()
    const { body } = await api.get(path)
    const names = listOf(body.items).map(({ metadata }) => textOf(metadata?.name))
    assert.deepEqual(names, ['repeated'])
  })
})
