import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { startPodfit, type PodfitProcess } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'

const small = { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } }
const names = ['one', 'two', 'three']

const manifest = {
  apiVersion: 'v1',
  kind: 'List',
  items: names.map((name) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'group' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'c',
          image: 'busybox',
          command: ['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 1; done"],
          resources: small,
        },
      ],
    },
  })),
}

/** Where each entry of a journal is written; the second time is in the middle of the run. */
const steps = [
  'journal.begun.before',
  'journal.begun.after',
  'journal.sending.before:2',
  'journal.sending.after:2',
  'journal.ended.before:2',
  'journal.ended.after:2',
  'journal.finished.before',
]

describe('podfit resize killed with SIGKILL', () => {
  let podfit: PodfitProcess
  let kubectl: Kubectl

  before(async () => {
    podfit = await startPodfit()
    kubectl = createKubectl(podfit.kubeconfig)
    await kubectl.apply(manifest)
    await waitUntil(
      'the pods to run',
      pods,
      (all) => all.every(({ status }) => status?.containerStatuses?.[0]?.state?.running),
      { withinMs: 30_000 },
    )
  })
  after(() => podfit[Symbol.asyncDispose]())

  async function pods(): Promise<readonly Pod[]> {
    return (await kubectl.get<{ items: readonly Pod[] }>(['pods', '-l', 'app=group'])).items
  }

  async function sizes(): Promise<readonly (string | undefined)[]> {
    return (await pods()).map(({ spec }) => spec.containers[0]?.resources?.requests?.['cpu'])
  }

  async function killedAt(step: string, ...args: readonly string[]): Promise<void> {
    const env = { PODFIT_CRASH_AT: step }
    const { code } = await podfit.podfit(['resize', '-l', 'app=group', ...args], { env })
    assert.equal(code, 137, step)
  }

  async function verified(step: string): Promise<void> {
    const { code, stdout } = await podfit.podfit(['verify', '-l', 'app=group'])
    assert.equal(code, 0, `${step}\n${stdout}`)
  }

  for (const step of steps) {
    test(`at ${step}: --resume brings it to its end, undo takes it back`, async () => {
      await killedAt(step, '--cpu', '60m:120m')
      const resumed = await podfit.podfit(['resize', '--resume'])
      if (step === 'journal.begun.before') {
        assert.deepEqual([resumed.code, await sizes()], [3, ['50m', '50m', '50m']])
        return
      }
      assert.equal(resumed.code, 0, resumed.stderr)
      assert.match(resumed.stdout, /^done and verified: 3 of 3 pods have the new size\n$/)
      assert.deepEqual(await sizes(), ['60m', '60m', '60m'])
      await verified(step)
      const undone = await podfit.podfit(['undo'])
      assert.equal(undone.code, 0, undone.stderr)
      assert.deepEqual(await sizes(), ['50m', '50m', '50m'])
      await verified(step)
    })
  }

  for (const step of steps.slice(3)) {
    test(`at ${step}: undo alone leaves no pod at the new size`, async () => {
      await killedAt(step, '--cpu', '60m:120m')
      const { code, stderr } = await podfit.podfit(['undo'])
      assert.equal(code, 0, stderr)
      assert.deepEqual(await sizes(), ['50m', '50m', '50m'])
      await verified(step)
      assert.equal((await podfit.podfit(['resize', '--resume'])).code, 3)
    })
  }
})
