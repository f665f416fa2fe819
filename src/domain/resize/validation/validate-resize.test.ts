import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../pod.ts'
import { formatFieldError } from '../../field-error.ts'
import type { KubeVersion } from '../../kube-version.ts'
import { mergeResizeRequest } from '../request/request.ts'
import { validateResize } from './validate-resize.ts'

const burstable = {
  requests: { cpu: '250m', memory: '64Mi' },
  limits: { cpu: '500m', memory: '128Mi' },
}
const guaranteed = {
  requests: { cpu: '1', memory: '1Gi' },
  limits: { cpu: '1', memory: '1Gi' },
}

function podWith(spec: Partial<PodSpec>, rest: Partial<Pod> = {}): Pod {
  return { metadata: { name: 'web', generation: 1 }, spec: { containers: [], ...spec }, ...rest }
}

function app(resources: ResourceRequirements, more: Partial<Container> = {}): Container {
  return { name: 'app', image: 'busybox', resources, ...more }
}

/** The texts with which the server of `version` refuses to make `wanted` of `old`. */
function refusals(old: Pod, wanted: Partial<PodSpec>, version: KubeVersion = '1.36'): string[] {
  const submitted = { ...old, spec: { ...old.spec, ...wanted } }
  const merged = mergeResizeRequest(old, submitted, version)
  return validateResize(old, merged, version).map(formatFieldError)
}

interface Case {
  readonly name: string
  readonly old: Pod
  readonly wanted: Partial<PodSpec>
  readonly version?: KubeVersion
  readonly refused: readonly string[]
}

function run(cases: readonly Case[]): void {
  for (const { name, old, wanted, version, refused } of cases) {
    test(`${name}${version ? ` (${version})` : ''}`, () => {
      assert.deepEqual(refusals(old, wanted, version), refused)
    })
  }
}

const one = podWith({ containers: [app(burstable)] })
const set = (requests: Record<string, string>, limits?: Record<string, string>) => ({
  containers: [app(limits ? { requests, limits } : { requests })],
})
const more = { cpu: '300m', memory: '64Mi' }

const init = (resources: ResourceRequirements, rest: Partial<Container> = {}) => ({
  name: 'init',
  resources,
  ...rest,
})
const withInit = (container: Container) =>
  podWith({ containers: [app(burstable)], initContainers: [container] })
const sidecar = { restartPolicy: 'Always' }
const restarting = { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }
const bigger = { requests: { cpu: '300m', memory: '64Mi' }, limits: burstable.limits }

const initDone = {
  name: 'init',
  state: { terminated: { exitCode: 0 } },
  ready: true,
  restartCount: 0,
  image: '',
  imageID: '',
}

describe('what may change (3.3)', () => {
  run([
    {
      name: 'request up and limit down',
      old: one,
      wanted: set({ cpu: '400m', memory: '64Mi' }, { cpu: '450m', memory: '128Mi' }),
      refused: [],
    },
    {
      name: 'memory limit down with NotRequired',
      old: one,
      wanted: set(burstable.requests, { cpu: '500m', memory: '100Mi' }),
      refused: [],
    },
    {
      name: 'memory limit down with NotRequired (3.4 row 19)',
      version: '1.33',
      old: one,
      wanted: set(burstable.requests, { cpu: '500m', memory: '100Mi' }),
      refused: [
        'spec.containers[0].resources.limits[memory]: Forbidden: memory limits cannot be decreased unless resizePolicy is RestartContainer',
      ],
    },
    {
      name: 'memory limit down with RestartContainer',
      version: '1.33',
      old: podWith({
        containers: [
          app(burstable, {
            resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
          }),
        ],
      }),
      wanted: {
        containers: [
          app(
            { requests: burstable.requests, limits: { cpu: '500m', memory: '100Mi' } },
            { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] },
          ),
        ],
      },
      refused: [],
    },
    {
      name: 'memory limit added (3.4 row 20)',
      version: '1.33',
      old: podWith({ containers: [app({ requests: more })] }),
      wanted: set(more, { memory: '128Mi' }),
      refused: [
        'spec.containers[0].resources.limits[memory]: Forbidden: memory limits cannot be added unless resizePolicy is RestartContainer',
      ],
    },
    ...(['1.32', '1.34', '1.36'] as const).map((version) => ({
      name: 'limit added',
      version,
      old: podWith({ containers: [app({ requests: more })] }),
      wanted: set(more, { memory: '128Mi' }),
      refused: [],
    })),
    {
      name: 'request added',
      old: podWith({ containers: [app({ requests: { cpu: '250m' } })] }),
      wanted: set(more),
      refused: [],
    },
    {
      name: 'the same by another text',
      old: one,
      wanted: set({ cpu: '0.25', memory: '65536Ki' }, { cpu: '0.5', memory: '128Mi' }),
      refused: [],
    },
    ...(['1.33', '1.35', '1.36'] as const).map((version) => ({
      name: 'sidecar',
      version,
      old: withInit(init(burstable, sidecar)),
      wanted: { initContainers: [init(bigger, sidecar)] },
      refused: [],
    })),
    {
      name: 'plain init container',
      old: withInit(init(burstable)),
      wanted: { initContainers: [init(bigger)] },
      refused: [],
    },
    ...(['1.33', '1.36'] as const).map((version) => ({
      name: 'resize policy',
      version,
      old: one,
      wanted: { containers: [app(burstable, restarting)] },
      refused: ['spec: Forbidden: only cpu and memory resources are mutable'],
    })),
    {
      name: 'resize policy',
      version: '1.32',
      old: one,
      wanted: { containers: [app(burstable, restarting)] },
      refused: [],
    },
    {
      name: 'image, env and node are dropped without a word',
      old: one,
      wanted: {
        nodeName: 'elsewhere',
        containers: [app(burstable, { image: 'other', env: [{ name: 'A', value: '1' }] })],
      },
      refused: [],
    },
    {
      name: 'ephemeral containers are not looked at',
      old: one,
      wanted: {
        ephemeralContainers: [{ name: 'debug', resources: { requests: { cpu: '1' } } }],
      } as Partial<PodSpec>,
      refused: [],
    },
    {
      name: 'init container that has done its part',
      old: podWith(
        { containers: [app(burstable)], initContainers: [init(burstable)] },
        { status: { phase: 'Running', initContainerStatuses: [initDone] } },
      ),
      wanted: { initContainers: [init(bigger)] },
      refused: [],
    },
    {
      name: 'terminating pod',
      old: { ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      wanted: set(more, burstable.limits),
      refused: [],
    },
    {
      name: 'completed pod',
      old: { ...one, status: { phase: 'Succeeded' } },
      wanted: set(more, burstable.limits),
      refused: [],
    },
  ])
})

describe('validation errors (3.4)', () => {
  const mirror = {
    ...one,
    metadata: { name: 'web', annotations: { 'kubernetes.io/config.mirror': 'x' } },
  }
  const windows = podWith({ containers: [app(burstable)], os: { name: 'windows' } })
  const running = (resources?: ResourceRequirements) => ({
    name: 'app',
    ready: true,
    restartCount: 0,
    image: '',
    imageID: '',
    state: { running: {} },
    ...(resources ? { resources } : {}),
  })
  const podLevel = podWith({
    containers: [app({})],
    resources: { requests: { cpu: '1' }, limits: { cpu: '2' } },
  })
  run([
    {
      name: '1 static pods, and nothing else is said',
      old: mirror,
      wanted: set({ cpu: '9', memory: '64Mi' }, burstable.limits),
      refused: ['[]: Forbidden: static pods cannot be resized'],
    },
    {
      name: '2 windows pods, and nothing else is said',
      old: windows,
      wanted: set({ cpu: '9', memory: '64Mi' }, burstable.limits),
      refused: ['[]: Forbidden: windows pods cannot be resized'],
    },
    {
      name: '3 QoS class',
      old: podWith({ containers: [app(guaranteed)] }, { status: { qosClass: 'Guaranteed' } }),
      wanted: set({ cpu: '500m', memory: '1Gi' }, guaranteed.limits),
      refused: [
        'spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
      ],
    },
    {
      name: '3 and 14 are both said, in this order',
      old: podWith({ containers: [app(guaranteed)] }, { status: { qosClass: 'Guaranteed' } }),
      wanted: set(guaranteed.requests),
      refused: [
        'spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
        'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
      ],
    },
    {
      name: '3 QoS class from BestEffort, without a status',
      old: podWith({ containers: [app({})] }),
      wanted: set({ cpu: '1' }),
      refused: [
        'spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing',
      ],
    },
    {
      name: '3 QoS class',
      version: '1.31',
      old: podWith({ containers: [app({})] }),
      wanted: set({ cpu: '1' }),
      refused: ['metadata: Invalid value: "BestEffort": Pod QoS is immutable'],
    },
    {
      name: '4 node without support',
      old: { ...one, status: { containerStatuses: [running()] } },
      wanted: set(more, burstable.limits),
      refused: ['spec: Forbidden: Pod running on node without support for resize'],
    },
    {
      name: '4 node with support',
      old: { ...one, status: { containerStatuses: [running(burstable)] } },
      wanted: set(more, burstable.limits),
      refused: [],
    },
    {
      name: '4 nothing runs',
      old: { ...one, status: { containerStatuses: [{ ...running(), state: {} }] } },
      wanted: set(more, burstable.limits),
      refused: [],
    },
    {
      name: '4 the first that runs stands for all',
      old: { ...one, status: { containerStatuses: [running(burstable), running()] } },
      wanted: set(more, burstable.limits),
      refused: [],
    },
    {
      name: '4 what does not run stands for none',
      old: { ...one, status: { containerStatuses: [{ ...running(), state: {} }, running()] } },
      wanted: set(more, burstable.limits),
      refused: ['spec: Forbidden: Pod running on node without support for resize'],
    },
    {
      name: '5 pod-level resources',
      version: '1.35',
      old: podLevel,
      wanted: { resources: { requests: { cpu: '1500m' }, limits: { cpu: '2' } } },
      refused: [
        '[]: Forbidden: resize of pods with pod-level resources is forbidden when InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled',
      ],
    },
    {
      name: '5 comes after 3 and 4, and then nothing is said',
      version: '1.35',
      old: {
        ...podWith({
          containers: [app(burstable)],
          resources: { requests: { cpu: '1', memory: '1Gi' } },
        }),
        status: { qosClass: 'Guaranteed', containerStatuses: [running()] },
      },
      wanted: set(burstable.requests),
      refused: [
        'spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
        'spec: Forbidden: Pod running on node without support for resize',
        '[]: Forbidden: resize of pods with pod-level resources is forbidden when InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled',
      ],
    },
    ...(['1.32', '1.33', '1.34'] as const).map((version) => ({
      name: '5 pod-level resources come before 1, and nothing else is said',
      version,
      old: { ...podLevel, metadata: mirror.metadata },
      wanted: set({ cpu: '9' }, { cpu: '1' }),
      refused: ['[]: Forbidden: pods with pod-level resources cannot be resized'],
    })),
    {
      name: '5 pod-level requests where there were none (3.9)',
      old: podWith({ containers: [app({ requests: more })] }),
      wanted: { resources: { requests: { cpu: '1', memory: '1Gi' } } },
      refused: [],
    },
    {
      name: '5 pod-level resources change',
      old: podLevel,
      wanted: { resources: { requests: { cpu: '1500m' }, limits: { cpu: '2' } } },
      refused: [],
    },
    {
      name: '6 pod-level resources removed',
      old: podWith({
        containers: [app({ requests: { cpu: '1' } })],
        resources: { requests: { cpu: '1' } },
      }),
      wanted: { resources: undefined } as unknown as Partial<PodSpec>,
      refused: ['spec.resources: Forbidden: pod-level resources cannot be removed'],
    },
    {
      name: '7 pod-level request removed',
      old: podWith({
        containers: [app({})],
        resources: { requests: { cpu: '1', memory: '1Gi' } },
      }),
      wanted: { resources: { requests: { cpu: '1' } } },
      refused: [
        'spec.resources.requests: Forbidden: pod-level resource requests cannot be removed',
      ],
    },
    {
      name: '8 pod-level limit removed',
      old: podLevel,
      wanted: { resources: { requests: { cpu: '1' } } },
      refused: ['spec.resources.limits: Forbidden: pod-level resource limits cannot be removed'],
    },
    {
      name: '9 other pod-level resource',
      old: podLevel,
      wanted: {
        resources: {
          requests: { cpu: '1', 'hugepages-2Mi': '2Mi' },
          limits: { cpu: '2', 'hugepages-2Mi': '2Mi' },
        },
      },
      refused: ['spec: Forbidden: only cpu and memory resources are mutable at pod-level'],
    },
    {
      name: '10 node allocatable resource claims',
      old: { ...one, status: { nodeAllocatableResourceClaimStatuses: [{}] } },
      wanted: set(more, burstable.limits),
      refused: ['spec: Forbidden: pods with node allocatable resource claims cannot be resized'],
    },
    {
      name: '10 was not looked at',
      version: '1.35',
      old: { ...one, status: { nodeAllocatableResourceClaimStatuses: [{}] } },
      wanted: set(more, burstable.limits),
      refused: [],
    },
    {
      name: '11 container added',
      old: one,
      wanted: { containers: [app(burstable), { name: 'second' }] },
      refused: ['spec.containers: Forbidden: containers may not be added or removed on resize'],
    },
    {
      name: '11 init container added',
      old: one,
      wanted: { initContainers: [init(burstable)] },
      refused: [
        'spec.initContainers: Forbidden: initContainers may not be added or removed on resize',
      ],
    },
    {
      name: '11 containers of both lists removed',
      old: podWith({
        containers: [app(burstable), app(burstable, { name: 'b' })],
        initContainers: [init(burstable)],
      }),
      wanted: { containers: [app(burstable)], initContainers: [] },
      refused: [
        'spec.containers: Forbidden: containers may not be added or removed on resize',
        'spec.initContainers: Forbidden: initContainers may not be added or removed on resize',
      ],
    },
    {
      name: '11 nothing is said of the others then',
      old: podWith({ containers: [app({ requests: more })] }),
      wanted: { containers: [app({ requests: { cpu: '300m' } }), { name: 'second' }] },
      refused: ['spec.containers: Forbidden: containers may not be added or removed on resize'],
    },
    {
      name: '12 containers in another order',
      old: podWith({ containers: [app(burstable), app(burstable, { name: 'b' })] }),
      wanted: { containers: [app(burstable, { name: 'b' }), app(burstable)] },
      refused: [
        'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
        'spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize',
      ],
    },
    {
      name: '12 container renamed',
      old: one,
      wanted: { containers: [app(burstable, { name: 'other' })] },
      refused: [
        'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
      ],
    },
    {
      name: '12 init container renamed',
      old: withInit(init(burstable)),
      wanted: { initContainers: [init(burstable, { name: 'other' })] },
      refused: [
        'spec.initContainers[0].name: Forbidden: initContainers may not be renamed or reordered on resize',
      ],
    },
    {
      name: '12 no check of names',
      version: '1.32',
      old: one,
      wanted: { containers: [app(burstable, { name: 'other' })] },
      refused: [
        'spec: Forbidden: only cpu and memory resources are mutable\n' +
          '- spec.containers[0].name: "app"\n+ spec.containers[0].name: "other"',
      ],
    },
    {
      name: '13 request removed',
      old: podWith({ containers: [app({ requests: more })] }),
      wanted: set({ cpu: '300m' }),
      refused: [
        'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
      ],
    },
    {
      name: '13 request of an init container removed',
      old: withInit(init({ requests: more })),
      wanted: { initContainers: [init({ requests: { cpu: '300m' } })] },
      refused: [
        'spec.initContainers[0].resources.requests: Forbidden: resource requests cannot be removed',
      ],
    },
    {
      name: '13 a removed request comes back from its limit',
      old: one,
      wanted: set({ memory: '64Mi' }, burstable.limits),
      refused: [],
    },
    {
      name: '14 limit removed',
      old: one,
      wanted: set(burstable.requests, { cpu: '500m' }),
      refused: [
        'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
      ],
    },
    {
      name: '13 and 14 of an init container come first',
      old: podWith({
        containers: [app({ requests: more })],
        initContainers: [init(burstable, sidecar)],
      }),
      wanted: {
        ...set({ cpu: '300m' }),
        initContainers: [init({ requests: burstable.requests }, sidecar)],
      },
      refused: [
        'spec.initContainers[0].resources.limits: Forbidden: resource limits cannot be removed',
        'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
      ],
    },
    {
      name: '15 other resources',
      old: one,
      wanted: set({ ...burstable.requests, 'ephemeral-storage': '1Gi' }, burstable.limits),
      refused: ['spec: Forbidden: only cpu and memory resources are mutable'],
    },
    {
      name: '15 more of another resource',
      old: podWith({ containers: [app({ requests: { ...more, 'ephemeral-storage': '1Gi' } })] }),
      wanted: set({ ...more, 'ephemeral-storage': '3Gi' }),
      refused: ['spec: Forbidden: only cpu and memory resources are mutable'],
    },
    {
      name: '15 other resources, with what differs',
      version: '1.32',
      old: one,
      wanted: set({ ...more, 'ephemeral-storage': '1Gi' }, burstable.limits),
      refused: [
        'spec: Forbidden: only cpu and memory resources are mutable\n' +
          '+ spec.containers[0].resources.requests.ephemeral-storage: "1Gi"',
      ],
    },
    {
      name: '15 a resize policy may change',
      version: '1.32',
      old: one,
      wanted: { containers: [app(burstable, restarting)] },
      refused: [],
    },
    {
      name: '15 other resources where there were none slip through',
      version: '1.34',
      old: podWith({ containers: [app({ requests: more })] }),
      wanted: set({ ...more, 'ephemeral-storage': '1Gi' }, { 'ephemeral-storage': '2Gi' }),
      refused: ['spec: Forbidden: only cpu and memory resources are mutable'],
    },
    {
      name: '15 a limit of another resource where there were no limits',
      version: '1.34',
      old: podWith({ containers: [app({ requests: { ...more, 'ephemeral-storage': '1Gi' } })] }),
      wanted: set({ ...more, 'ephemeral-storage': '1Gi' }, { 'ephemeral-storage': '2Gi' }),
      refused: [],
    },
    {
      name: '15 a limit of another resource where there were no limits',
      version: '1.35',
      old: podWith({ containers: [app({ requests: { ...more, 'ephemeral-storage': '1Gi' } })] }),
      wanted: set({ ...more, 'ephemeral-storage': '1Gi' }, { 'ephemeral-storage': '2Gi' }),
      refused: ['spec: Forbidden: only cpu and memory resources are mutable'],
    },
    {
      name: '15 a container with claims',
      old: podWith({ containers: [app({ ...burstable, claims: [{ name: 'gpu' }] })] }),
      wanted: { containers: [app({ ...bigger, claims: [{ name: 'gpu' }] })] },
      refused: ['spec: Forbidden: only cpu and memory resources are mutable'],
    },
    {
      name: '15 claims where there were none',
      old: one,
      wanted: { containers: [app({ ...burstable, claims: [{ name: 'gpu' }] })] },
      refused: ['spec: Forbidden: only cpu and memory resources are mutable'],
    },
    {
      name: '15 once for each container',
      old: podWith({ containers: [app(burstable), app(burstable, { name: 'b' })] }),
      wanted: {
        containers: [app(burstable, restarting), app(burstable, { name: 'b', ...restarting })],
      },
      refused: [
        'spec: Forbidden: only cpu and memory resources are mutable',
        'spec: Forbidden: only cpu and memory resources are mutable',
      ],
    },
    {
      name: '16 sidecar',
      old: withInit(init(burstable, sidecar)),
      wanted: { initContainers: [init(burstable, { ...sidecar, ...restarting })] },
      refused: [
        'spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
      ],
    },
    {
      name: '16 sidecar',
      version: '1.35',
      old: withInit(init(burstable, sidecar)),
      wanted: { initContainers: [init(burstable, { ...sidecar, ...restarting })] },
      refused: [
        'spec: Forbidden: only cpu and memory resources for sidecar containers are mutable',
      ],
    },
    {
      name: '16 plain init container, with another resource',
      old: withInit(init(burstable)),
      wanted: {
        initContainers: [
          init({ ...bigger, requests: { ...bigger.requests, 'ephemeral-storage': '1Gi' } }),
        ],
      },
      refused: [
        'spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
      ],
    },
    {
      name: '17 plain init container',
      version: '1.35',
      old: withInit(init(burstable)),
      wanted: { initContainers: [init(bigger)] },
      refused: ['spec: Forbidden: resources for non-sidecar init containers are immutable'],
    },
    {
      name: '17 is all that is said of it',
      version: '1.35',
      old: withInit(init(burstable)),
      wanted: { initContainers: [init({ requests: burstable.requests })] },
      refused: ['spec: Forbidden: resources for non-sidecar init containers are immutable'],
    },
    {
      name: '14 is all that is said of it',
      version: '1.33',
      old: one,
      wanted: set(burstable.requests, { cpu: '500m' }),
      refused: [
        'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
      ],
    },
    {
      name: '18 plain init container with RestartContainer',
      old: withInit(init(burstable, restarting)),
      wanted: { initContainers: [init(bigger, restarting)] },
      refused: [
        'spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
      ],
    },
    {
      name: '18 comes after 16',
      old: withInit(init(burstable, restarting)),
      wanted: {
        initContainers: [
          init(
            { ...burstable, requests: { ...burstable.requests, 'ephemeral-storage': '1Gi' } },
            restarting,
          ),
        ],
      },
      refused: [
        'spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
        'spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
      ],
    },
    {
      name: '18 is not said of what restarts no more',
      old: withInit(init(burstable, restarting)),
      wanted: { initContainers: [init(bigger)] },
      refused: [
        'spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
      ],
    },
    {
      name: '19 sidecar',
      version: '1.33',
      old: withInit(init(burstable, sidecar)),
      wanted: {
        initContainers: [
          init({ ...burstable, limits: { ...burstable.limits, memory: '100Mi' } }, sidecar),
        ],
      },
      refused: [
        'spec.initContainers[0].resources.limits[memory]: Forbidden: memory limits cannot be decreased unless resizePolicy is RestartContainer',
      ],
    },
    {
      name: '18 such a container does not stand in the way of the others',
      old: withInit(init(burstable, restarting)),
      wanted: set(more, burstable.limits),
      refused: [],
    },
  ])
})

describe('rules of creation that a resize can break (3.4)', () => {
  const extended = { 'example.com/gpu': '2' }
  run([
    {
      name: 'resources that no container has',
      old: one,
      wanted: set({ ...more, gpu: '1', 'requests.example.com/x': '1' }, burstable.limits),
      refused: [
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
        `spec.containers[0].resources.requests[requests.example.com/x]: Invalid value: "requests.example.com/x": doesn't follow extended resource name standard`,
        'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
        'spec: Forbidden: only cpu and memory resources are mutable',
      ],
    },
    {
      name: 'half a device',
      old: podWith({ containers: [app({ requests: extended, limits: extended })] }),
      wanted: set({ 'example.com/gpu': '500m' }, { 'example.com/gpu': '500m' }),
      refused: [
        'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
        'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer',
        'spec: Forbidden: only cpu and memory resources are mutable',
      ],
    },
    {
      name: 'huge pages alone',
      old: podWith({ containers: [app({})] }),
      wanted: set({ 'hugepages-2Mi': '2Mi' }, { 'hugepages-2Mi': '2Mi' }),
      refused: [
        'spec.containers[0].resources: Forbidden: HugePages require cpu or memory',
        'spec: Forbidden: only cpu and memory resources are mutable',
      ],
    },
    {
      name: "an init container's policy that there is not",
      old: withInit(init(burstable, sidecar)),
      wanted: {
        initContainers: [
          init(burstable, { ...sidecar, resizePolicy: [{ resourceName: 'x', restartPolicy: '' }] }),
        ],
      },
      refused: [
        'spec.initContainers[0].resizePolicy: Unsupported value: "x": supported values: "cpu", "memory"',
        'spec.initContainers[0].resizePolicy: Required value',
        'spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
      ],
    },
    {
      name: 'restarts of an init container that ends',
      old: withInit(init(burstable)),
      wanted: { initContainers: [init(burstable, restarting)] },
      refused: [
        `spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to 'RestartContainer' for non-sidecar initContainers`,
        'spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
        'spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
      ],
    },
    {
      name: 'pod-level resources that there are not',
      old: podWith({ containers: [app({})], resources: { requests: { cpu: '1' } } }),
      wanted: { resources: { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } } },
      refused: [
        'spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
        'spec: Forbidden: only cpu and memory resources are mutable at pod-level',
      ],
    },
    {
      name: 'request above limit',
      old: one,
      wanted: set({ cpu: '0.6', memory: '1024Mi' }, burstable.limits),
      refused: [
        'spec.containers[0].resources.requests: Invalid value: "600m": must be less than or equal to cpu limit of 500m',
        'spec.containers[0].resources.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 128Mi',
      ],
    },
    {
      name: 'negative',
      old: one,
      wanted: set({ cpu: '-1', memory: '64Mi' }, burstable.limits),
      refused: [
        'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      ],
    },
    {
      name: 'negative limit',
      old: one,
      wanted: set(burstable.requests, { cpu: '500m', memory: '-1' }),
      refused: [
        'spec.containers[0].resources.limits[memory]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.containers[0].resources.requests: Invalid value: "64Mi": must be less than or equal to memory limit of -1',
      ],
    },
    {
      name: 'pod-level request above pod-level limit',
      old: podWith({
        containers: [app({})],
        resources: { requests: { cpu: '1' }, limits: { cpu: '2' } },
      }),
      wanted: { resources: { requests: { cpu: '3' }, limits: { cpu: '2' } } },
      refused: [
        'spec.resources.requests: Invalid value: "3": must be less than or equal to cpu limit of 2',
      ],
    },
    {
      name: 'pod-level request below the containers',
      old: podWith({
        containers: [
          app({ requests: { cpu: '1' } }),
          app({ requests: { cpu: '500m' } }, { name: 'b' }),
        ],
        resources: { requests: { cpu: '2' } },
      }),
      wanted: { resources: { requests: { cpu: '1' } } },
      refused: [
        'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 1500m',
      ],
    },
    {
      name: 'container limit above the pod-level limit',
      old: podWith({
        containers: [app({ limits: { memory: '1Gi' }, requests: { memory: '1Gi' } })],
        resources: { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } },
      }),
      wanted: { containers: [app({ limits: { memory: '3Gi' }, requests: { memory: '1Gi' } })] },
      refused: [
        'spec.resources.containers[0][memory].limits: Invalid value: "3Gi": must be less than or equal to pod limits of 2Gi',
      ],
    },
    {
      name: 'of a sidecar it may be',
      old: podWith({
        containers: [app({})],
        initContainers: [init({ limits: { memory: '1Gi' }, requests: { memory: '1Gi' } }, sidecar)],
        resources: { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } },
      }),
      wanted: {
        initContainers: [init({ limits: { memory: '3Gi' }, requests: { memory: '1Gi' } }, sidecar)],
      },
      refused: [],
    },
    {
      name: 'pod-level claims',
      old: podWith({ containers: [app({})], resources: { requests: { cpu: '1' } } }),
      wanted: { resources: { requests: { cpu: '1' }, claims: [{ name: 'gpu' }] } },
      refused: [
        'spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level',
        'spec: Forbidden: only cpu and memory resources are mutable at pod-level',
      ],
    },
  ])
})
