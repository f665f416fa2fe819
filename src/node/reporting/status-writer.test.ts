import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod, PodStatus } from '../../domain/pod.ts'
import { StatusWriter } from './status-writer.ts'

/** An API with one pod, which lets everybody write its status. */
class TestApi {
  readonly patches: unknown[] = []
  pod: Pod = { metadata: { name: 'p', uid: 'u', resourceVersion: '1' }, spec: { containers: [] } }
  readonly writer = new StatusWriter({
    api: {
      create: () => Promise.reject(new Error('nobody creates')),
      delete: () => Promise.reject(new Error('nobody deletes')),
      patch: async (_path, _type, patch) => {
        const { status } = patch as { status: PodStatus }
        this.patches.push(status)
        this.write(status)
        return this.pod
      },
    },
    onStep: () => {},
    onError: (_, error) => assert.fail(error as Error),
  })

  write(status: PodStatus): void {
    const resourceVersion = String(Number(this.pod.metadata.resourceVersion) + 1)
    const metadata = { ...this.pod.metadata, resourceVersion }
    this.pod = { ...this.pod, metadata, status: { ...this.pod.status, ...status } }
  }

  async report(status: PodStatus): Promise<void> {
    this.writer.report(this.pod, status)
    await this.writer.settled('u')
  }
}

test('what somebody else writes over a status is seen and put right, once', async () => {
  const api = new TestApi()
  const status = { phase: 'Running', podIP: '10.0.0.2' }
  await api.report(status)
  assert.equal(api.writer.isOverwritten(api.pod), false)
  api.write({ phase: 'Failed' })
  assert.equal(api.writer.isOverwritten(api.pod), true)
  await api.report(status)
  assert.equal(api.writer.isOverwritten(api.pod), false)
  await api.report(status)
  assert.deepEqual(api.patches, [status, { phase: 'Running' }])
})

test('an older picture of the pod, or another change of it, says nothing of the status', async () => {
  const api = new TestApi()
  const early = api.pod
  await api.report({ phase: 'Running' })
  assert.equal(api.writer.isOverwritten(early), false)
  api.write({})
  assert.equal(api.writer.isOverwritten(api.pod), false)
})
