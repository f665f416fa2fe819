import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { atLeast, kubeVersions, type KubeVersion } from '../../src/domain/kube-version.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { PodfitProcess } from '../support/podfit-process.ts'
import { slowness, waitUntil } from '../support/wait-until.ts'

/** The versions differ in the API and in what is reported, not in what the kernel is told. */
const tried: readonly KubeVersion[] = slowness > 1 ? ['1.27', '1.32', '1.35'] : kubeVersions

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
        resources: { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '8000' } },
      },
    ],
  },
}

/** What a Kubernetes reports, beyond the size itself. */
interface Reported {
  readonly generations: boolean
  readonly observed: boolean
  readonly allocated: boolean
  readonly podLevel: boolean
  readonly policies: number
}

function reportedBy(version: KubeVersion): Reported {
  return {
    generations: atLeast(version, '1.33'),
    observed: atLeast(version, '1.34'),
    allocated: version !== '1.32',
    podLevel: atLeast(version, '1.36'),
    policies: atLeast(version, '1.33') ? 0 : 2,
  }
}

function reportedOf({ metadata, spec, status }: Pod): Reported {
  const [container] = status?.containerStatuses ?? []
  return {
    generations: metadata.generation !== undefined,
    observed: status?.observedGeneration !== undefined,
    allocated: container?.allocatedResources !== undefined,
    podLevel: status?.resources !== undefined,
    policies: spec.containers[0]?.resizePolicy?.length ?? 0,
  }
}

function sized(cpu: string): string {
  return JSON.stringify({
    spec: { containers: [{ name: 'main', resources: { requests: { cpu } } }] },
  })
}

function cpuOf({ status }: Pod): string | undefined {
  return status?.containerStatuses?.[0]?.resources?.requests?.['cpu']
}

function resizeConditions({ status }: Pod): readonly string[] {
  const all = status?.conditions ?? []
  return all.filter(({ type }) => type.startsWith('PodResize')).map(({ reason = '' }) => reason)
}

/** Nothing is pending or in progress, by whichever way the version tells it. */
function isSettled(one: Pod): boolean {
  return (one.status?.resize ?? '') === '' && resizeConditions(one).length === 0
}

describe('podfit up --kube-version', () => {
  let podfit: PodfitProcess
  before(() => {
    podfit = new PodfitProcess()
  })
  after(() => podfit[Symbol.asyncDispose]())

  for (const version of tried) {
    test(`${version} resizes and reports as that Kubernetes did`, async () => {
      await podfit.stop()
      await podfit.start(['--kube-version', version])
      const kubectl = createKubectl(podfit.kubeconfig)
      const name = `v${version.replace('.', '-')}`
      const until = (what: string, holds: (one: Pod) => boolean): Promise<Pod> =>
        waitUntil(what, () => kubectl.get<Pod>(['pod', name]), holds, { withinMs: 20_000 })
      const how = atLeast(version, '1.32') ? ['--subresource', 'resize'] : []
      const patch = (cpu: string) => kubectl.try(['patch', 'pod', name, ...how, '-p', sized(cpu)])

      assert.equal(await kubeletVersion(kubectl), `v${version}.0+podfit`)
      await kubectl.apply({ ...pod, metadata: { name } })
      await until('the pod to run', (one) => cpuOf(one) === '100m')
      assert.equal((await patch('150m')).code, 0)
      const done = await until('the resize', (one) => cpuOf(one) === '150m' && isSettled(one))
      assert.equal(done.status?.containerStatuses?.[0]?.restartCount, 0)
      assert.deepEqual(reportedOf(done), reportedBy(version))

      const refused = await patch('7000')
      if (atLeast(version, '1.36')) {
        assert.match(refused.stderr, /node didn't have enough allocatable resources: cpu/)
      } else {
        const pending = await until('the refusal', isInfeasible)
        const byCondition = atLeast(version, '1.33')
        assert.deepEqual(resizeConditions(pending), byCondition ? ['Infeasible'] : [])
        assert.equal(pending.status?.resize, byCondition ? undefined : 'Infeasible')
        assert.equal(cpuOf(pending), '150m')
        assert.equal((await patch('150m')).code, 0)
        await until('the refusal to be taken back', isSettled)
      }

      const own = await podfit.podfit(['resize', name, '--cpu', '120m'])
      assert.equal(own.code, 0, own.stderr)
      await until("podfit's own resize", (one) => cpuOf(one) === '120m')
      await kubectl.run(['delete', 'pod', name, '--wait=false'])
    })
  }
})

function isInfeasible(one: Pod): boolean {
  return one.status?.resize === 'Infeasible' || resizeConditions(one).includes('Infeasible')
}

async function kubeletVersion(kubectl: Kubectl): Promise<string | undefined> {
  const { items } = await kubectl.get<{ items: readonly NodeView[] }>(['nodes'])
  return items[0]?.status.nodeInfo.kubeletVersion
}

interface NodeView {
  readonly status: { readonly nodeInfo: { readonly kubeletVersion: string } }
}
