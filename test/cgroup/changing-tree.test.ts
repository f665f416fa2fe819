import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { openCgroupTree } from '../../src/cgroup/open-cgroup-tree.ts'
import { machineCgroups } from '../../src/cli/cgroups/machine-cgroups.ts'
import type { Pod } from '../../src/domain/pod.ts'

const tree = openCgroupTree()
const top = `/podfit-test-${randomBytes(4).toString('hex')}`
const uid = randomBytes(8).toString('hex')
const id = randomBytes(32).toString('hex')
const { signal } = new AbortController()

const pod: Pod = {
  metadata: { name: 'web', uid },
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
  status: {
    containerStatuses: [
      {
        name: 'c',
        containerID: `containerd://${id}`,
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
        ready: true,
        restartCount: 0,
        image: 'i',
        imageID: '',
      },
    ],
  },
}

before(() => tree.create(`${top}/kubepods`))
after(() => tree.remove(top, { recursive: true }))

test('a scan while cgroups come and go sees them or not, and never fails', async () => {
  const mounts =
    tree.version === 'v1'
      ? ['cpu', 'cpuacct', 'memory', 'pids', 'cpuset'].map((name) => `${tree.mount}/${name}`)
      : [tree.mount]
  const at = new Set(mounts.map((mount) => `${mount}${top}/kubepods/pod${uid}`))
  const all = [...at].flatMap((directory) => [directory, `${directory}/${id}`]).join(' ')
  const backwards = all.split(' ').toReversed().join(' ')
  // Told to end it ends between two programs, none of which is left then to make a cgroup.
  const changes = `trap 'exit 0' TERM; while :; do mkdir -p ${all}; rmdir ${backwards}; done 2>/dev/null`
  const child = spawn('sh', ['-c', changes], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const seen = new Map<string, number>()
  try {
    for (let scan = 0; scan < 400; scan += 1) {
      const cgroups = machineCgroups()
      const look = await cgroups.look(pod, signal)
      const what = look.kind === 'seen' ? (look.containers['c']?.kind ?? 'none') : look.why
      seen.set(what, (seen.get(what) ?? 0) + 1)
      await cgroups.sample(pod, signal)
      // The changer has one of perhaps two CPUs.
      if (scan % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
  const known = ['read', 'gone', 'unreadable', 'no cgroup of the pod', 'not on this machine']
  for (const what of seen.keys()) {
    assert.ok(
      known.some((one) => what.includes(one)),
      what,
    )
  }
})
