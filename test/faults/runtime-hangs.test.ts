import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { pods } from '../../src/kube/resource.ts'
import { waitUntil } from '../support/wait-until.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { FaultyRunc } from './faulty-runc.ts'
import { containerIds, getPod, restartsOf, untilRight } from './find-faults.ts'
import { large, resizePatch, small, testPod } from './sized-pod.ts'

// Most of the time nothing happens here: a change is waited for for 30 s.
test('an update that hangs ends at its deadline, is told, and holds up nobody else', async () => {
  using runc = new FaultyRunc()
  await using faulty = await FaultyPodfit.start({ env: runc.env })
  const resize = (name: string): Promise<Pod> => {
    const address = { namespace: 'default', name, subresource: 'resize' }
    const body = resizePatch({ a: large })
    return faulty.client.patch(pods, address, { type: 'strategic', body })
  }
  for (const name of ['hanging', 'other']) {
    await faulty.client.create(pods, testPod(name, [{ name: 'a', size: small }]))
  }
  const [old] = [await untilRight(faulty, 'hanging'), await untilRight(faulty, 'other')]
  const id = containerIds(old).get('a') ?? ''
  runc.add({ verb: 'update', of: id, times: 1, does: 'hangs' })
  await resize('hanging')
  await waitUntil('the update to begin', () => runc.calls('update', id).length === 1)
  await resize('other')
  await untilRight(faulty, 'other')
  const failed = await waitUntil(
    'the update to end',
    async () =>
      (await getPod(faulty, 'hanging')).status?.conditions?.find(
        ({ type, reason }) => type === 'PodResizeInProgress' && reason === 'Error',
      ),
    Boolean,
    { withinMs: 60_000, everyMs: 100 },
  )
  assert.match(
    failed?.message ?? '',
    /no answer .* within 30000 ms \(the container runtime did not/,
  )
  const pod = await untilRight(faulty, 'hanging')
  assert.deepEqual(containerIds(pod), containerIds(old))
  assert.equal(restartsOf(pod, 'a'), 0)
})
