import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod } from '../../../test/support/fake-pod-api.ts'
import type { ExecEnd } from '../../operate/cluster/container-exec.ts'
import { insideCgroups, type InsideOptions } from './inside-cgroups.ts'

const pod = runningPod({ requests: { cpu: '100m' } })
const files = '=/cpu.max\nmax 100000\n=/cpu.weight\n4\n=/memory.max\nmax\n'
const good: ExecEnd = { kind: 'ended', code: 0, stdout: files }
const { signal } = new AbortController()

/** What the looks see at these times, and how often a shell was started for it. */
async function looksAt(
  times: readonly number[],
  ends: readonly ExecEnd[],
  options: InsideOptions = {},
  of = (_time: number) => pod,
) {
  let now = 0
  let calls = 0
  const exec = async () => ends[Math.min(calls++, ends.length - 1)] ?? good
  const source = insideCgroups(exec, options, () => now)
  const kinds: string[] = []
  for (const time of times) {
    now = time
    kinds.push((await source.look(of(time), signal)).kind)
  }
  return [kinds.join(' '), calls]
}

test('a container that did not answer is asked again, ever later', async () => {
  const cut: ExecEnd = { kind: 'failed', why: 'the connection was cut', retry: 'soon' }
  const times = [0, 50, 100, 250, 300, 700]
  const looks = await looksAt(times, [cut, cut, cut, good])
  assert.deepEqual(looks, ['unseen unseen unseen unseen unseen seen', 4])
})

test('what a look may have missed is told from what is never to be seen', async () => {
  const empty: ExecEnd = { kind: 'ended', code: 0, stdout: '' }
  const killed: ExecEnd = { kind: 'ended', code: 137, stdout: files }
  const cut: ExecEnd = { kind: 'failed', why: 'the connection was cut', retry: 'soon' }
  const none: ExecEnd = { kind: 'ended', code: 0, stdout: '=page\n4\n' }
  const noShell: ExecEnd = { kind: 'ended', code: 127, stdout: '' }
  const fleeting = async (end: ExecEnd) => {
    const look = await insideCgroups(async () => end).look(pod, signal)
    return look.kind === 'unseen' && look.fleeting === true
  }
  const late: ExecEnd = { kind: 'failed', why: 'it did not answer in time', retry: 'later' }
  for (const end of [empty, killed, cut]) assert.equal(await fleeting(end), true)
  for (const end of [none, noShell, late]) assert.equal(await fleeting(end), false)
})

test('a container without a shell, or that may not be looked into, is left alone', async () => {
  const shellLess: ExecEnd = { kind: 'failed', why: 'its image has no shell (sh)', retry: 'never' }
  assert.deepEqual(await looksAt([0, 1000, 99_000], [shellLess, good]), ['unseen unseen unseen', 1])
  const none: ExecEnd = { kind: 'ended', code: 0, stdout: '=page\n4\n' }
  assert.deepEqual(await looksAt([0, 99_000], [none, good]), ['unseen unseen', 1])
})

test('a look lasts while the pod stays as it is, where that is wanted', async () => {
  assert.deepEqual(await looksAt([0, 500], [good]), ['seen seen', 2])
  assert.deepEqual(await looksAt([0, 500, 4900, 5100], [good], { lastsMs: 5000 }), [
    'seen seen seen seen',
    2,
  ])
  const changes = (time: number) => ({
    ...pod,
    metadata: { ...pod.metadata, resourceVersion: `${time}` },
  })
  assert.deepEqual(await looksAt([0, 500], [good], { lastsMs: 5000 }, changes), ['seen seen', 2])
})
