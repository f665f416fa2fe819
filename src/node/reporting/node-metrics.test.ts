import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodCondition, PodSpec } from '../../domain/pod.ts'
import { bytes } from '../../domain/units.ts'
import { NodeMetrics } from './node-metrics.ts'

const spec = (cpu: string): PodSpec => ({
  containers: [{ name: 'a', resources: { requests: { cpu } } }],
})

function condition(type: string, reason: string): PodCondition {
  return { type, status: 'True', reason }
}

async function lines(metrics: NodeMetrics, start: string): Promise<readonly string[]> {
  const text = await metrics.registry.metrics()
  return text.split('\n').filter((line) => line.startsWith(start) && !line.endsWith(' 0'))
}

test('names and labels are the kubelet’s, and everything is there at 0', async () => {
  const metrics = new NodeMetrics(() => [], 'v2')
  const text = await metrics.registry.metrics()
  for (const line of [
    'kubelet_container_requested_resizes_total{resource="cpu",requirement="limits",operation="remove"} 0',
    'kubelet_pod_resize_duration_milliseconds_count{success="true"} 0',
    'kubelet_pod_resize_duration_milliseconds_bucket{le="600000",success="false"} 0',
    'kubelet_pod_pending_resizes{reason="deferred"} 0',
    'kubelet_pod_pending_resizes{reason="infeasible"} 0',
    'kubelet_pod_in_progress_resizes 0',
    'kubelet_cgroup_version 2',
    'kubelet_pod_infeasible_resizes_total{reason_detail="swap_limitation"} 0',
    'kubelet_pod_deferred_accepted_resizes_total{retry_trigger="pod_resized"} 0',
  ]) {
    assert.ok(text.split('\n').includes(line), line)
  }
})

test('what happens is counted', async () => {
  const all = [
    [condition('PodResizePending', 'Deferred'), condition('PodResizeInProgress', '')],
    [condition('PodResizePending', 'Infeasible')],
    [condition('PodResizePending', 'Deferred')],
  ]
  const metrics = new NodeMetrics(() => all)
  metrics.requested(spec('1'), spec('2'))
  metrics.actuated(42, true)
  metrics.infeasible('static_pod')
  metrics.deferredAccepted('pods_removed')
  metrics.memoryProtected({ guaranteed: bytes(4096), burstable: bytes(8192) })
  assert.deepEqual(await lines(metrics, 'kubelet_container_requested'), [
    'kubelet_container_requested_resizes_total{resource="cpu",requirement="requests",operation="increase"} 1',
  ])
  assert.deepEqual(await lines(metrics, 'kubelet_pod_resize_duration_milliseconds_sum'), [
    'kubelet_pod_resize_duration_milliseconds_sum{success="true"} 42',
  ])
  assert.deepEqual(await lines(metrics, 'kubelet_pod_pending'), [
    'kubelet_pod_pending_resizes{reason="deferred"} 2',
    'kubelet_pod_pending_resizes{reason="infeasible"} 1',
  ])
  assert.deepEqual(await lines(metrics, 'kubelet_memory_qos'), [
    'kubelet_memory_qos_node_memory_min_bytes 4096',
    'kubelet_memory_qos_node_memory_low_bytes 8192',
  ])
  assert.deepEqual(await lines(metrics, 'kubelet_pod_in_progress'), [
    'kubelet_pod_in_progress_resizes 1',
  ])
})
