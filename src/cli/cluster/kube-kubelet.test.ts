import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKubeClient } from '../../kube/client/client.ts'
import { readKubelet } from './kube-kubelet.ts'

test('a kubelet whose answer is cut off is one that could not be asked', async () => {
  const body = new ReadableStream({
    start: (stream) => stream.error(new Error('terminated')),
  })
  const client = createKubeClient({ fetch: async () => new Response(body), server: 'http://api' })
  const { signal } = new AbortController()
  assert.deepEqual(await readKubelet(client, 'node', signal), { why: 'terminated' })
})
