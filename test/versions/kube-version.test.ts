import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { startPodfit } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'while :; do sleep 1; done'],
        resources: { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m' } },
      },
    ],
  },
}

function sized(cpu: string): string {
  const resources = { requests: { cpu }, limits: { cpu: '8000' } }
  return JSON.stringify({ spec: { containers: [{ name: 'main', resources }] } })
}

function until(kubectl: Kubectl, what: string, holds: (pod: Pod) => boolean): Promise<Pod> {
  return waitUntil(what, () => kubectl.get<Pod>(['pod', 'web']), holds, { withinMs: 20_000 })
}

function cpuOf({ status }: Pod): string | undefined {
  return status?.containerStatuses?.[0]?.resources?.requests?.['cpu']
}

interface Expected {
  readonly version: string
  /** Whether a resize is a patch of the pod itself. */
  readonly byPatch: boolean
  /** Where the node says that a size is larger than all it has. */
  readonly infeasibleIn: 'resize' | 'condition'
}

const cases: readonly Expected[] = [
  { version: '1.27', byPatch: true, infeasibleIn: 'resize' },
  { version: '1.31', byPatch: true, infeasibleIn: 'resize' },
  { version: '1.32', byPatch: false, infeasibleIn: 'resize' },
  { version: '1.33', byPatch: false, infeasibleIn: 'condition' },
  { version: '1.35', byPatch: false, infeasibleIn: 'condition' },
]

for (const { version, byPatch, infeasibleIn } of cases) {
  describe(`podfit up --kube-version ${version}`, () => {
    test('resizes as that Kubernetes did', async () => {
      await using podfit = await startPodfit({ args: ['--kube-version', version] })
      const kubectl = createKubectl(podfit.kubeconfig)
      const patch = (cpu: string) => {
        const how = byPatch ? [] : ['--subresource', 'resize']
        return kubectl.run(['patch', 'pod', 'web', ...how, '-p', sized(cpu)])
      }
      const [node] = (await kubectl.get<{ items: NodeView[] }>(['nodes'])).items
      assert.equal(node?.status.nodeInfo.kubeletVersion, `v${version}.0+podfit`)
      await kubectl.apply(pod)
      await until(kubectl, 'the pod to run', (one) => cpuOf(one) === '100m')

      await patch('150m')
      const done = await until(kubectl, 'the resize to be done', (one) => {
        return cpuOf(one) === '150m' && (one.status?.resize ?? '') === ''
      })
      assert.equal(done.status?.containerStatuses?.[0]?.restartCount, 0)

      await patch('7000')
      const refused = await until(kubectl, 'the refusal', ({ status }) =>
        infeasibleIn === 'resize'
          ? status?.resize === 'Infeasible'
          : status?.conditions?.some(({ reason }) => reason === 'Infeasible') === true,
      )
      const types = refused.status?.conditions?.map(({ type }) => type) ?? []
      assert.equal(types.includes('PodResizePending'), infeasibleIn === 'condition')
      assert.equal(cpuOf(refused), '150m')

      await patch('150m')
      await until(kubectl, 'the refusal to be taken back', ({ status }) => {
        const pending = status?.conditions?.some(({ type }) => type === 'PodResizePending')
        return (status?.resize ?? '') === '' && pending !== true
      })

      const { code, stderr } = await podfit.podfit(['resize', 'web', '--cpu', '120m'])
      assert.equal(code, 0, stderr)
      await until(kubectl, "podfit's own resize", (one) => cpuOf(one) === '120m')
    })
  })
}

interface NodeView {
  readonly status: { readonly nodeInfo: { readonly kubeletVersion: string } }
}
