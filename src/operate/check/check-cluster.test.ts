import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCluster, worstLevel } from './check-cluster.ts'
import type { MachineFacts } from './machine-facts.ts'
import { neededAccess, type Access } from './needed-access.ts'
import { runtimeFaults } from './runtime-faults.ts'
import type { ServerFacts } from './server-facts.ts'

function asked(hasResize: boolean, isAllowed: (access: Access) => boolean = () => true) {
  return neededAccess(hasResize).map((one) => ({ ...one, allowed: isAllowed(one) }))
}

const good: ServerFacts = {
  server: 'https://api',
  gitVersion: 'v1.34.1',
  answeredInMs: 3,
  verbs: new Map([['pods/resize', ['get', 'patch', 'update']]]),
  access: asked(true),
  nodes: [
    {
      name: 'n1',
      kubeletVersion: 'v1.34.1',
      runtimeVersion: 'containerd://1.7.2',
      os: 'linux',
      ready: true,
      kubelet: { cpuManagerPolicy: 'none' },
    },
  ],
}

const machine: MachineFacts = {
  cgroups: { version: 'v2', controllers: ['cpu', 'memory'], pods: 3, systemd: true },
  runtimes: ['runc://1.1.5'],
  swap: false,
}

/** Everything that is not well: level and text. */
function faults(facts: Partial<ServerFacts>, here = machine): readonly string[] {
  const { sections } = checkCluster({ ...good, ...facts }, 'shop', here)
  return sections.flatMap(({ checks }) =>
    checks.flatMap(({ level, text }) => (level === 'ok' ? [] : [`${level} ${text}`])),
  )
}

function node(part: object) {
  const [first] = Array.isArray(good.nodes) ? good.nodes : []
  return { nodes: [{ ...first, ...part }] } as Partial<ServerFacts>
}

for (const [title, found, expected] of [
  ['a cluster that can do everything', faults({}), []],
  [
    'a Kubernetes without resizing',
    faults({ gitVersion: 'v1.26.0', verbs: new Map() }),
    ['error Kubernetes v1.26.0 cannot resize in place', 'error pods/resize is not served'],
  ],
  [
    'Kubernetes 1.30, which patches the pod',
    faults({ gitVersion: 'v1.30.2', verbs: new Map() }),
    [
      'warning Kubernetes v1.30.2 resizes in place only with a feature gate',
      'warning pods/resize is not served',
    ],
  ],
  [
    'an old containerd',
    faults(node({ runtimeVersion: 'containerd://1.6.8' })),
    [
      'error runtime containerd://1.6.8: does not report the sizes of containers (containerd#7023)',
      'warning runtime containerd://1.6.8: keeps a swap limit for good, and fails to raise a memory limit above it',
    ],
  ],
  [
    'a static CPU manager',
    faults(node({ kubelet: { cpuManagerPolicy: 'static' } })),
    ['warning cpuManagerPolicy is static'],
  ],
  [
    'a kubelet that cannot be asked',
    faults(node({ kubelet: { why: 'forbidden' } })),
    ["warning the kubelet's policies are not known: forbidden"],
  ],
  [
    'containerd 1.6, which keeps swap limits on cgroup v2',
    faults(node({ runtimeVersion: 'containerd://1.6.20' })),
    [
      'warning runtime containerd://1.6.20: keeps a swap limit for good, and fails to raise a memory limit above it',
    ],
  ],
  [
    'the same on cgroup v1',
    faults(node({ runtimeVersion: 'containerd://1.6.20', kubelet: { cgroupVersion: 'v1' } })),
    [],
  ],
  [
    'an old kubelet with the systemd driver on cgroup v1',
    faults(
      node({
        kubeletVersion: 'v1.32.1',
        kubelet: { cgroupVersion: 'v1', cgroupDriver: 'systemd' },
      }),
    ),
    [
      'warning kubelet v1.32.1 needs a feature gate',
      'warning kubelet: on cgroup v1 a container with a CPU limit such as 4096m may not start (containerd#12496)',
    ],
  ],
  [
    'an old crun on this machine',
    faults({}, { ...machine, runtimes: ['crun://1.8.1'] }),
    [
      'warning runtime crun://1.8.1: may not start what newer containerd and CRI-O ask for: "unknown version specified" (crun#1485)',
    ],
  ],
  ['Windows', faults(node({ os: 'windows' })), ['error runs windows']],
  [
    'nodes that may not be listed',
    faults({ nodes: { why: 'no' } }),
    ['warning cannot be listed: no'],
  ],
  ['a machine with swap', faults({}, { ...machine, swap: true }), ['warning swap is on']],
] as const) {
  test(`checkCluster(): ${title}`, () => assert.deepEqual(found, expected))
}

test('checkCluster() prints the smallest roles for what is missing', () => {
  const access = asked(
    true,
    ({ resource, group, verb, clusterWide }) =>
      !['pods/resize', 'pods/exec'].includes(resource) &&
      group === undefined &&
      !(clusterWide && verb === 'list'),
  )
  const report = checkCluster({ ...good, access }, 'shop')
  assert.equal(worstLevel(report), 'error')
  const rule = (resource: string, verbs: string, group = '') => ({
    apiGroups: [group],
    resources: [resource],
    verbs: verbs.split(' '),
  })
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  assert.deepEqual(report.roles, [
    {
      apiVersion,
      kind: 'Role',
      metadata: { name: 'podfit', namespace: 'shop' },
      rules: [rule('pods/resize', 'patch'), rule('pods', 'list', 'metrics.k8s.io')],
    },
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name: 'podfit' },
      rules: [rule('nodes', 'list'), rule('pods', 'list')],
    },
    {
      apiVersion,
      kind: 'Role',
      metadata: { name: 'podfit-kernel', namespace: 'shop' },
      rules: [rule('pods/exec', 'get create')],
    },
  ])
})

test('checkCluster() tells of what was asked for, whatever the version promises', () => {
  // The gate is off: the version has pods/resize, the server serves none, and pods was asked for.
  const access = asked(false, ({ verb }) => verb !== 'patch')
  assert.deepEqual(faults({ verbs: new Map(), access }), [
    'error pods/resize is not served',
    'error patch pods is forbidden',
  ])
})

test('runtimeFaults() compares versions by number', () => {
  assert.deepEqual(
    [
      'containerd://1.6.8',
      'containerd://1.6.9',
      'containerd://1.6.20~ds1',
      'containerd://1.7.0',
      'cri-o://1.24.1',
      'cri-o://1.33.9',
      'cri-o://1.34.0',
      'docker://26.1.4',
      'x',
    ].map((version) => runtimeFaults(version, 'v1').length),
    [1, 0, 0, 0, 1, 0, 1, 1, 0],
  )
})
