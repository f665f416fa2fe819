import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import type { ObservedContainer } from '../../domain/lifecycle/observed.ts'
import type { Pod } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'
import { removeOldContainers } from './remove-old-containers.ts'
import { containerLogFile } from '../containers/sandbox-config.ts'

const podLogs = mkdtempSync(join(tmpdir(), 'podfit-old-containers-'))
after(() => rmSync(podLogs, { recursive: true }))

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: {
    initContainers: [{ name: 'first', image: 'busybox' }],
    containers: [{ name: 'app', image: 'busybox' }],
  },
}

const logOf = ([name, attempt]: readonly [string, number]) =>
  containerLogFile(podLogs, pod, name, attempt)

test('of each container the one that is and the one before it stay, with their logs', async () => {
  // The newest first, as they are observed.
  const runs = [
    ['app', 3],
    ['first', 1],
    ['app', 2],
    ['first', 0],
    ['app', 1],
    ['app', 0],
  ] as const
  for (const run of runs) {
    mkdirSync(dirname(logOf(run)), { recursive: true })
    writeFileSync(logOf(run), '')
  }
  let containers = runs.map(([name, attempt]) => ({ id: `${name}-${attempt}`, name, attempt }))
  const removed: string[] = []
  const context = {
    podLogs,
    runtime: { removeContainer: async (id: string) => void removed.push(id) },
    observed: {
      get: () => ({ sandboxes: [], containers: containers as unknown as ObservedContainer[] }),
      refreshContainer: async (_uid: string, id: string) => {
        containers = containers.filter((one) => one.id !== id)
      },
    },
  } as unknown as NodeContext
  await removeOldContainers(context, pod)
  assert.deepEqual(removed, ['app-1', 'app-0'])
  const left = runs.filter((run) => existsSync(logOf(run))).map(([name, attempt]) => name + attempt)
  assert.deepEqual(left, ['app3', 'first1', 'app2', 'first0'])
})
