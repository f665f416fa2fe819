import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { ResourceRequirements } from '../../src/domain/pod.ts'
import { waitUntil } from '../support/wait-until.ts'
import {
  isV2,
  mebi,
  memoryLimit,
  memoryUsage,
  oomKills,
  readCgroup,
  startNode,
  startPod,
  type TestNode,
} from './live-pod.ts'

/*
 * On cgroup v1 the kernel takes or refuses each limit within a call; only on v2 podfit
 * holds the usage down for a while.
 */
const skip = !isV2 && 'cgroup v2 only'

function size(memory: string): ResourceRequirements {
  return { requests: { cpu: '50m', memory: '4Mi' }, limits: { cpu: '1', memory } }
}

describe('kill -9 while a memory limit is on its way down', { skip }, () => {
  let node: TestNode
  let dir: string

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'shrink-crash-'))
    node = await startNode({ env: { PODFIT_CRASH_AT: `@${join(dir, 'crash-at')}` } })
  })
  after(async () => {
    await node[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true })
  })

  it('leaves no soft limit behind: the next start lifts it and goes on', async () => {
    // Names and inodes of files in memory belong to the kernel: no page that can be reclaimed.
    const fill = 'mkdir /dev/shm/many && cd /dev/shm/many && seq 24000 | xargs touch'
    const empty = 'until [ -e /test/empty ]; do sleep 0.2; done; rm -r /dev/shm/many'
    const script = `trap "exit 0" TERM; (${fill}; ${empty}) & while :; do sleep 1000 & wait $!; done`
    const pod = await startPod(node, 'many', {
      containers: [
        {
          name: 'app',
          image: 'busybox',
          command: ['sh', '-c', script],
          resources: size('128Mi'),
          volumeMounts: [{ name: 'test', mountPath: '/test' }],
        },
      ],
      volumes: [{ name: 'test', hostPath: { path: dir } }],
    })
    const cgroup = await pod.containerCgroup('app')
    const high = () => readCgroup('memory', cgroup, 'memory.high')
    await waitUntil('the files to be there', () => memoryUsage(cgroup) > 18 * mebi)
    writeFileSync(join(dir, 'crash-at'), 'node.squeeze.after')
    await pod.resize({ containers: [{ name: 'app', resources: size('16Mi') }] }).catch(() => {})
    await node.podfit.ended()
    assert.notEqual(high(), 'max', 'no soft limit was left')
    rmSync(join(dir, 'crash-at'))
    writeFileSync(join(dir, 'empty'), '')
    await node.startAgain()
    await pod.settled()
    assert.equal(memoryLimit(cgroup), 16 * mebi)
    assert.equal(high(), 'max')
    assert.equal(oomKills(cgroup), 0)
    assert.equal((await pod.status('app')).restartCount, 0)
  })
})
