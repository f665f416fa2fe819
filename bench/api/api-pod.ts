import { inFlight } from '../percentiles.ts'
import { benchPod } from '../fixture.ts'
import type { ApiProcess } from './api-process.ts'
import { Connection } from '../connection.ts'

export const podsPath = '/api/v1/namespaces/default/pods'

/** Makes pods with the status that a node gives a running one; there is no node. */
export async function makePods(server: ApiProcess, count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `pod-${index}`)
  const idle = await Promise.all(Array.from({ length: 16 }, () => Connection.open(server)))
  await inFlight(names, idle.length, async (name) => {
    const connection = idle.pop() as Connection
    await connection.ask('POST', podsPath, { apiVersion: 'v1', kind: 'Pod', ...benchPod(name) })
    await connection.ask('PATCH', `${podsPath}/${name}/status`, { status })
    idle.push(connection)
  })
  for (const connection of idle) connection[Symbol.dispose]()
  return names
}

const since = '2026-01-01T00:00:00Z'
const digest = 'a'.repeat(64)
const types = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
]

const status = {
  phase: 'Running',
  conditions: types.map((type) => ({
    type,
    status: 'True',
    observedGeneration: 1,
    lastProbeTime: null,
    lastTransitionTime: since,
  })),
  hostIP: '10.0.0.1',
  hostIPs: [{ ip: '10.0.0.1' }],
  podIP: '10.244.0.17',
  podIPs: [{ ip: '10.244.0.17' }],
  startTime: since,
  qosClass: 'Burstable',
  observedGeneration: 1,
  containerStatuses: [
    {
      name: 'c',
      state: { running: { startedAt: since } },
      lastState: {},
      ready: true,
      restartCount: 0,
      image: 'docker.io/library/busybox:latest',
      imageID: `docker.io/library/busybox@sha256:${digest}`,
      containerID: `containerd://${digest}`,
      started: true,
      allocatedResources: { cpu: '10m', memory: '16Mi' },
      resources: {
        limits: { cpu: '500m', memory: '64Mi' },
        requests: { cpu: '10m', memory: '16Mi' },
      },
    },
  ],
}
