import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { createKubectl } from '../support/kubectl.ts'
import { startPodfit } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Uses all the CPU that it may have, and some memory. */
const busy: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'busy', labels: { app: 'busy' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'while :; do :; done'],
        resources: { limits: { cpu: '300m', memory: '64Mi' } },
      },
    ],
  },
}

/** What is looked at of a kubelet's /stats/summary. */
interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string }
    readonly containers: readonly {
      readonly cpu?: { readonly usageCoreNanoSeconds: number }
      readonly memory?: { readonly availableBytes?: number }
    }[]
  }[]
}

describe('kubectl top', () => {
  test('shows what pods and the node use', async () => {
    await using podfit = await startPodfit()
    const [kubectl, newer] = [
      createKubectl(podfit.kubeconfig, '1.32'),
      createKubectl(podfit.kubeconfig, '1.36'),
    ]
    await kubectl.apply(busy)
    await waitUntil(
      'the pod to run',
      () => kubectl.get<Pod>(['pod', 'busy']),
      ({ status }) => status?.containerStatuses?.[0]?.state?.running !== undefined,
      { withinMs: 20_000 },
    )
    await waitUntil(
      'the use of its CPU limit',
      () => kubectl.run(['top', 'pod', 'busy', '--no-headers']),
      (line) => {
        const [, cpu] = /^busy\s+(\d+)m\s+\d+Mi/.exec(line.trim()) ?? []
        // A machine that is busy gives it less; more it never gets.
        return Number(cpu) > 50 && Number(cpu) < 360
      },
      { withinMs: 20_000 },
    )
    assert.match(await newer.run(['top', 'pods', '-l', 'app=busy', '--containers']), /busy\s+main/)
    assert.equal((await newer.run(['top', 'pods', '-l', 'app=none', '-A'])).trim(), '')
    const size = { cpu: '200m', memory: '64Mi' }
    const resources = { requests: size, limits: size }
    const patch = JSON.stringify({ spec: { containers: [{ name: 'main', resources }] } })
    await kubectl.run(['patch', 'pod', 'busy', '--subresource=resize', '-p', patch])
    const metrics = await waitUntil(
      'the resize to be counted',
      () => kubectl.run(['get', '--raw', '/metrics']),
      (text) => /^kubelet_pod_resize_duration_milliseconds_count\{success="true"\} 1$/m.test(text),
    )
    assert.match(metrics, /^apiserver_request_total\{verb="POST",.*resource="pods"/m)
    for (const line of [
      'kubelet_container_requested_resizes_total{resource="cpu",requirement="limits",operation="decrease"} 1',
      'kubelet_container_requested_resizes_total{resource="cpu",requirement="requests",operation="decrease"} 1',
      'kubelet_container_requested_resizes_total{resource="memory",requirement="limits",operation="decrease"} 0',
      'kubelet_pod_resize_duration_milliseconds_count{success="false"} 0',
      'kubelet_pod_deferred_accepted_resizes_total{retry_trigger="pods_added"} 0',
    ]) {
      assert.ok(metrics.split('\n').includes(line), line)
    }
    assert.match(await newer.run(['top', 'nodes']), /\d+m\s+\d+%\s+\d+Mi\s+\d+%/)
    const node = (await kubectl.run(['get', 'nodes', '-o', 'name'])).trim().replace('node/', '')
    const proxied = (path: string) =>
      kubectl.run(['get', '--raw', `/api/v1/nodes/${node}/proxy/${path}`])
    const { pods } = JSON.parse(await proxied('stats/summary')) as Summary
    const [container] = pods.find(({ podRef }) => podRef.name === 'busy')?.containers ?? []
    assert.ok((container?.cpu?.usageCoreNanoSeconds ?? 0) > 1e8, JSON.stringify(pods))
    const available = container?.memory?.availableBytes ?? 0
    assert.ok(available > 0 && available < 64 * 1024 ** 2, JSON.stringify(pods))
    const scraped = await proxied('metrics/resource')
    for (const place of ['container="main",namespace="default",', 'namespace="default",']) {
      assert.match(
        scraped,
        new RegExp(`_cpu_usage_seconds_total{${place}pod="busy"} [\\d.]+ \\d{13}\n`),
      )
    }
    const bounds = await proxied('metrics/cadvisor')
    const place = 'image="[^"]*busybox[^"]*",name="[0-9a-f]{64}",namespace="default",pod="busy"'
    const labels = `container="main",id="/[^"]+/[^"]+",${place}`
    for (const line of [
      `container_spec_cpu_quota{${labels}} 20000`,
      `container_spec_memory_limit_bytes{${labels}} ${64 * 1024 ** 2}`,
    ]) {
      assert.match(bounds, new RegExp(`^${line}$`, 'm'))
    }
    assert.equal(await proxied('healthz'), 'ok')
  })
})
