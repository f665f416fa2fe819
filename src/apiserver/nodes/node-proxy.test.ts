import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podBody, podsPath, TestApi } from '../../../test/apiserver/test-api.ts'
import type { CgroupFigures, UsageReport } from '../usage/usage-source.ts'

const mi = 1024 ** 2
const usage = { cpuNanos: 250_000_000.4, cpuTotalNanos: 7_500_000_000, memoryBytes: 48 * mi }
const report: UsageReport = {
  at: Date.parse('2026-01-02T03:04:05Z'),
  windowMs: 1000,
  nodes: [{ name: 'n1', ...usage }],
  pods: [
    {
      namespace: 'default',
      name: 'one',
      whole: { ...usage, memoryBytes: 49 * mi, cgroup: '/pod1' },
      containers: [{ name: 'main', ...usage, cgroup: '/pod1/c1' }],
    },
    { namespace: 'default', name: 'gone', containers: [{ name: 'main', ...usage, cgroup: '/x' }] },
  ],
}

const figures = {
  cpuShares: 512,
  cpuPeriodMicros: 100_000,
  cpuPeriods: 70,
  throttledPeriods: 7,
  throttledMicros: 1_500_000,
  memoryBytes: 60 * mi,
  oomKills: 2,
}
const limits = { cpuQuotaMicros: 50_000, memoryLimitBytes: 64 * mi }
const figuresOf: ReadonlyMap<string, CgroupFigures> = new Map([
  ['/pod1', figures],
  ['/pod1/c1', { ...figures, ...limits }],
])

const configuration = { memorySwap: { swapBehavior: 'LimitedSwap' } }
const registry = { metrics: () => Promise.resolve('a 1\n'), contentType: 'text/plain' }

/** Two nodes, of which n1 is connected and runs the pod `one`. */
async function start(): Promise<TestApi> {
  const api = await TestApi.start({
    connectedNode: (name) => (name === 'n1' ? { configuration, metrics: { registry } } : undefined),
    usage: { read: () => Promise.resolve(report), figures: (cgroup) => figuresOf.get(cgroup) },
  })
  for (const name of ['n1', 'away']) await api.post('/api/v1/nodes', { metadata: { name } })
  await api.patch('/api/v1/nodes/n1/status', {
    status: { capacity: { cpu: '2', memory: '100Mi' }, nodeInfo: { bootID: 'b' } },
  })
  for (const name of ['one', 'unbound']) await api.post(podsPath, podBody(name))
  await api.bind(`${podsPath}/one`)
  const startedAt = '2026-01-02T03:04:00Z'
  const container = {
    name: 'main',
    ready: true,
    restartCount: 0,
    image: 'busybox',
    imageID: '',
    containerID: 'containerd://abc',
  }
  const status = {
    startTime: '2026-01-02T03:03:59Z',
    containerStatuses: [
      {
        ...container,
        state: { running: { startedAt } },
        resources: { limits: { memory: '64Mi' } },
      },
    ],
  }
  await api.patch(`${podsPath}/one/status`, { status })
  return api
}

function proxied(api: TestApi, path: string, name = 'n1') {
  return api.get(`/api/v1/nodes/${name}/proxy/${path}`)
}

test("what a kubelet tells is there by the API server's proxy", async () => {
  using api = await start()
  assert.deepEqual((await proxied(api, 'configz')).body, { kubeletconfig: configuration })
  assert.equal((await proxied(api, 'metrics')).text, 'a 1\n')
  assert.equal((await proxied(api, 'healthz')).text, 'ok')
  const pod = (await api.get(`${podsPath}/one`)).body
  const { kind: _kind, apiVersion: _apiVersion, ...item } = pod
  const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [item] }
  assert.deepEqual((await proxied(api, 'pods')).body, list)
})

test('a node is named with the port of its kubelet, too, and with a scheme before it', async () => {
  using api = await start()
  for (const name of ['n1:10250', 'https:n1:10250', 'https:n1:', 'n1%3A10250']) {
    assert.equal((await proxied(api, 'healthz', name)).text, 'ok', name)
  }
  for (const name of ['n1:9100', 'ftp:n1:10250', 'n1:10250:']) {
    assert.equal((await proxied(api, 'healthz', name)).code, 404, name)
  }
})

test('a node that is not there or does not answer is told, and so is a path that it has not', async () => {
  using api = await start()
  assert.equal((await proxied(api, 'stats/summary', 'away')).code, 503)
  assert.equal((await proxied(api, 'stats/summary', 'none')).code, 404)
  for (const path of ['run/default/one/main', 'stats', 'constructor', 'logs/']) {
    assert.equal((await proxied(api, path)).code, 404, path)
  }
  assert.equal((await api.post('/api/v1/nodes/n1/proxy/healthz', {})).code, 404)
})

test('stats/summary tells the use of CPU and memory, with what is left of a limit', async () => {
  using api = await start()
  const { uid } = (await api.get(`${podsPath}/one`)).body.metadata ?? {}
  const { creationTimestamp } = (await api.get('/api/v1/nodes/n1')).body.metadata ?? {}
  const time = '2026-01-02T03:04:05Z'
  const cpu = { time, usageNanoCores: 250_000_000, usageCoreNanoSeconds: 7_500_000_000 }
  assert.deepEqual((await proxied(api, 'stats/summary')).body, {
    node: {
      nodeName: 'n1',
      startTime: creationTimestamp,
      cpu,
      memory: { time, availableBytes: 52 * mi, workingSetBytes: 48 * mi },
    },
    pods: [
      {
        podRef: { name: 'one', namespace: 'default', uid },
        startTime: '2026-01-02T03:03:59Z',
        containers: [
          {
            name: 'main',
            startTime: '2026-01-02T03:04:00Z',
            cpu,
            memory: { time, availableBytes: 16 * mi, workingSetBytes: 48 * mi },
          },
        ],
        cpu,
        memory: { time, workingSetBytes: 49 * mi },
      },
    ],
  })
})

test('metrics/resource tells the same to metrics-server', async () => {
  using api = await start()
  const { text, headers } = await proxied(api, 'metrics/resource')
  assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const at = report.at
  const samples = [
    `container_cpu_usage_seconds_total{container="main",namespace="default",pod="one"} 7.5 ${at}`,
    `container_memory_working_set_bytes{container="main",namespace="default",pod="one"} 50331648 ${at}`,
    'container_start_time_seconds{container="main",namespace="default",pod="one"} 1767323040',
    `node_cpu_usage_seconds_total 7.5 ${at}`,
    `node_memory_working_set_bytes 50331648 ${at}`,
    `pod_cpu_usage_seconds_total{namespace="default",pod="one"} 7.5 ${at}`,
    `pod_memory_working_set_bytes{namespace="default",pod="one"} 51380224 ${at}`,
    'resource_scrape_error 0',
  ]
  assert.deepEqual(
    text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    samples,
  )
  assert.match(text, /^# TYPE container_cpu_usage_seconds_total counter$/m)
})

test('metrics/cadvisor tells it with the limits of the kernel to Prometheus', async () => {
  using api = await start()
  const { text, headers } = await proxied(api, 'metrics/cadvisor')
  assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const machine = 'id="/",image="",name="",namespace="",pod=""'
  const pod = 'id="/pod1",image="",name="",namespace="default",pod="one"'
  const main = 'id="/pod1/c1",image="busybox",name="abc",namespace="default",pod="one"'
  const all = [`container="",${machine}`, `container="",${pod}`, `container="main",${main}`]
  const at = report.at
  const ofMain = (name: string, value: number, time = ` ${at}`) =>
    `${name}{container="main",${main}} ${value}${time}`
  const ofBoth = (name: string, values: readonly [number, number], time = ` ${at}`) => [
    `${name}{container="",${pod}} ${values[0]}${time}`,
    ofMain(name, values[1], time),
  ]
  const inAll = (name: string, values: readonly number[]) =>
    all.map((labels, index) => `${name}{${labels}} ${values[index]} ${at}`)
  assert.deepEqual(
    text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    [
      ofMain('container_cpu_cfs_periods_total', 70),
      ofMain('container_cpu_cfs_throttled_periods_total', 7),
      ofMain('container_cpu_cfs_throttled_seconds_total', 1.5),
      `container_cpu_usage_seconds_total{container="",cpu="total",${machine}} 7.5 ${at}`,
      `container_cpu_usage_seconds_total{container="",cpu="total",${pod}} 7.5 ${at}`,
      `container_cpu_usage_seconds_total{container="main",cpu="total",${main}} 7.5 ${at}`,
      ...inAll('container_last_seen', [at / 1000, at / 1000, at / 1000]),
      ...ofBoth('container_memory_usage_bytes', [60 * mi, 60 * mi]),
      ...inAll('container_memory_working_set_bytes', [48 * mi, 49 * mi, 48 * mi]),
      ...ofBoth('container_oom_events_total', [2, 2]),
      ...ofBoth('container_spec_cpu_period', [100_000, 100_000], ''),
      ofMain('container_spec_cpu_quota', 50_000, ''),
      ...ofBoth('container_spec_cpu_shares', [512, 512], ''),
      ...ofBoth('container_spec_memory_limit_bytes', [0, 64 * mi], ''),
      ofMain('container_start_time_seconds', 1_767_323_040, ''),
      'machine_cpu_cores{boot_id="b",machine_id="",system_uuid=""} 2',
      `machine_memory_bytes{boot_id="b",machine_id="",system_uuid=""} ${100 * mi}`,
    ],
  )
  assert.match(text, /^# HELP container_memory_working_set_bytes Current working set in bytes\.$/m)
  assert.match(text, /^# TYPE container_cpu_usage_seconds_total counter$/m)
})
