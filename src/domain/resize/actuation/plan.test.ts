import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { weightFor } from '../../cgroup/cpu.ts'
import { podKnobs, type CgroupReading } from '../../cgroup/knobs.ts'
import { effectiveSize } from '../../resources/pod-resources.ts'
import type { Container, PodSpec } from '../../pod.ts'
import { bytes, cpuShares, micros } from '../../units.ts'
import { planResize, type ResizePlanInput } from './plan.ts'
import type { ResizeStep } from './resize-step.ts'

const mi = (count: number) => bytes(count * 1024 * 1024)

interface Box {
  readonly name?: string
  readonly cpu?: readonly [request: string, limit?: string]
  readonly memory?: readonly [request: string, limit?: string]
  readonly restartFor?: string
}

function container({ name = 'a', cpu, memory, restartFor }: Box): Container {
  const requests = { ...(cpu ? { cpu: cpu[0] } : {}), ...(memory ? { memory: memory[0] } : {}) }
  const limits = {
    ...(cpu?.[1] ? { cpu: cpu[1] } : {}),
    ...(memory?.[1] ? { memory: memory[1] } : {}),
  }
  return {
    name,
    resources: { requests, ...(Object.keys(limits).length > 0 ? { limits } : {}) },
    ...(restartFor
      ? { resizePolicy: [{ resourceName: restartFor, restartPolicy: 'RestartContainer' }] }
      : {}),
  }
}

function spec(...boxes: readonly Box[]): PodSpec {
  return { containers: boxes.map(container) }
}

/** What the cgroup v1 of a pod says that has been created with `from`. */
function readingOf(from: PodSpec): CgroupReading {
  const { cpuShares: shares = cpuShares(2), cpuQuota, cpuPeriod, memoryLimit } = podKnobs(from)
  return {
    cpu: { kind: 'shares', shares },
    cpuQuota: cpuQuota ?? 'max',
    cpuPeriod: cpuPeriod ?? micros(100_000),
    memoryLimit: memoryLimit ?? 'max',
  }
}

function input(from: PodSpec, to: PodSpec, more: Partial<ResizePlanInput> = {}): ResizePlanInput {
  return {
    allocated: to,
    running: from.containers.map((one) => ({
      name: one.name,
      containerId: `id-${one.name}`,
      actuated: effectiveSize(from, one),
      memory: { usage: mi(1) },
    })),
    podCgroup: readingOf(from),
    podKnobs: podKnobs(to),
    podMemory: { usage: mi(2) },
    ...more,
  }
}

/** One line for each step: `pod cpuShares=512 ...`, `update a`, `restart a`. */
function lines(steps: readonly ResizeStep[]): readonly string[] {
  return steps.map((step) => {
    switch (step.kind) {
      case 'shrinkMemory':
        return `shrink ${step.of.kind === 'pod' ? 'pod' : step.of.container} ${step.to}`
      case 'writePodCgroup':
        return `pod ${knobText(step.knobs)}`
      case 'writeContainer':
        return `write ${step.container} ${knobText(step.knobs)} before ${knobText(step.before)}`
      case 'updateContainer':
        return `update ${step.container} ${knobText(step.knobs)}`
      case 'restartContainer':
        return `restart ${step.container}`
      default:
        return step satisfies never
    }
  })
}

function knobText(knobs: object): string {
  return Object.entries(knobs)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

function planned(from: PodSpec, to: PodSpec, more: Partial<ResizePlanInput> = {}) {
  const plan = planResize(input(from, to, more))
  return plan.kind === 'steps' ? lines(plan.steps) : plan
}

const small: Box = { cpu: ['250m', '500m'], memory: ['64Mi', '128Mi'] }
const large: Box = { cpu: ['500m', '1'], memory: ['128Mi', '256Mi'] }
const smallKnobs = 'cpuShares=256 cpuQuota=50000 cpuPeriod=100000 memoryLimit=134217728'
const largeKnobs = 'cpuShares=512 cpuQuota=100000 cpuPeriod=100000 memoryLimit=268435456'
const podOrder = ['memoryLimit', 'cpuQuota', 'cpuPeriod', 'cpuShares']
const withoutMemory = (knobs: string) => knobs.replace(/memoryLimit=\d+ /, '')
const asPod = (knobs: string) =>
  podOrder.map((name) => knobs.split(' ').find((knob) => knob.startsWith(name))).join(' ')

describe('order of the steps (5.1 to 5.3)', () => {
  test('equal input gives nothing', () => {
    assert.deepEqual(planned(spec(small), spec(small)), { kind: 'nothing' })
  })

  test('up: the pod first, then one update for CPU and memory together', () => {
    assert.deepEqual(planned(spec(small), spec(large)), [
      `pod ${asPod(largeKnobs)}`,
      `update a ${largeKnobs}`,
    ])
  })

  test('down: memory before everything, since it may fail; then the pod last', () => {
    assert.deepEqual(planned(spec(large), spec(small)), [
      'shrink a 134217728',
      'shrink pod 134217728',
      `update a ${smallKnobs}`,
      `pod ${withoutMemory(asPod(smallKnobs))}`,
    ])
  })

  test('CPU up and memory down', () => {
    const mixed: Box = { cpu: ['500m', '1'], memory: ['64Mi', '128Mi'] }
    assert.deepEqual(planned(spec({ ...large, cpu: small.cpu! }), spec(mixed)), [
      'shrink a 134217728',
      'shrink pod 134217728',
      'pod cpuQuota=100000 cpuPeriod=100000 cpuShares=512',
      'update a cpuShares=512 cpuQuota=100000 cpuPeriod=100000 memoryLimit=134217728',
    ])
  })

  test('decreases come first, the later container before the earlier', () => {
    const names = ['a', 'b', 'c', 'd']
    const from = spec(
      ...[small, large, small, large].map((box, i) => ({ ...box, name: names[i]! })),
    )
    const to = spec(...[large, small, large, small].map((box, i) => ({ ...box, name: names[i]! })))
    assert.deepEqual(
      (planned(from, to) as readonly string[]).map((line) => line.slice(0, 8)),
      ['shrink d', 'shrink b', 'update d', 'update b', 'update a', 'update c'],
    )
  })

  test('a first limit gives something back, too', () => {
    const from = spec({ ...small, name: 'a' }, { cpu: ['250m'], memory: ['64Mi'], name: 'b' })
    const to = spec({ ...large, name: 'a' }, { ...small, name: 'b' })
    assert.deepEqual(
      (planned(from, to) as readonly string[]).map((line) => line.slice(0, 8)),
      ['shrink b', 'shrink p', 'pod cpuS', 'update b', 'update a', 'pod cpuQ'],
    )
  })

  test('swapping sizes leaves the pod as it is', () => {
    const from = spec({ ...small, name: 'a' }, { ...large, name: 'b' })
    const to = spec({ ...large, name: 'a' }, { ...small, name: 'b' })
    assert.deepEqual(planned(from, to), [
      'shrink b 134217728',
      `update b ${smallKnobs}`,
      `update a ${largeKnobs}`,
    ])
  })

  test('a request alone is an update, too', () => {
    const to: Box = { ...small, memory: ['96Mi', '128Mi'] }
    assert.deepEqual(planned(spec(small), spec(to)), [`update a ${smallKnobs}`])
  })

  test('the first limit of a pod counts as lower than none, on v1 and v2', () => {
    const from = spec({ cpu: ['250m'], memory: ['64Mi'] })
    assert.deepEqual(planned(from, spec(small)), [
      'shrink a 134217728',
      'shrink pod 134217728',
      `update a ${smallKnobs}`,
      'pod cpuQuota=50000 cpuPeriod=100000',
    ])
  })

  test('a limit that is not wanted any more stays', () => {
    const to = spec({ cpu: ['250m'], memory: ['64Mi'] })
    const plan = planned(spec(small), to, { running: [] })
    assert.deepEqual(plan, { kind: 'nothing' })
  })

  test('a container that does not run is left alone, its pod is not', () => {
    assert.deepEqual(planned(spec(small), spec(large), { running: [] }), [
      `pod ${asPod(largeKnobs)}`,
    ])
  })

  test('without a record everything counts as changed', () => {
    const running = [{ name: 'a', containerId: 'id-a', actuated: undefined }]
    assert.deepEqual(planned(spec(small), spec(small), { running, podMemory: { usage: mi(1) } }), {
      kind: 'blocked',
      message: 'cannot decrease memory limits: missing container "a" memory usage',
    })
    const [live] = input(spec(small), spec(small)).running
    assert.deepEqual(
      planned(spec(small), spec(small), { running: [{ ...live!, actuated: undefined }] }),
      ['shrink a 134217728', `update a ${smallKnobs}`],
    )
  })

  test('the step carries what to record', () => {
    const plan = planResize(input(spec(small), spec(large)))
    const step = plan.kind === 'steps' ? plan.steps[1] : undefined
    assert.deepEqual(step?.kind === 'updateContainer' && [step.containerId, step.size], [
      'id-a',
      { cpuRequest: 500, cpuLimit: 1000, memoryRequest: 2 ** 27, memoryLimit: 2 ** 28 },
    ])
  })
})

describe('restarts (5.1)', () => {
  const cases: readonly (readonly [string, Box, Box, boolean])[] = [
    ['cpu', small, { ...small, cpu: ['250m', '1'], restartFor: 'cpu' }, true],
    [
      'cpu, policy for memory',
      small,
      { ...small, cpu: ['250m', '1'], restartFor: 'memory' },
      false,
    ],
    [
      'a memory request alone',
      small,
      { ...small, memory: ['96Mi', '128Mi'], restartFor: 'memory' },
      true,
    ],
    ['both, policy for memory', small, { ...large, restartFor: 'memory' }, true],
    ['nothing', small, { ...small, restartFor: 'cpu' }, false],
  ]
  for (const [name, from, to, restarts] of cases) {
    test(`${name}: ${restarts ? 'restart' : 'no restart'}`, () => {
      const plan = planned(spec(from), spec(to))
      const texts = Array.isArray(plan) ? plan : []
      assert.equal(texts.includes('restart a'), restarts)
      assert.equal(texts.filter((text) => /^(update|restart) a/.test(text)).length <= 1, true)
    })
  }

  test('it comes between raising and lowering, after the updates in place', () => {
    const from = spec({ ...large, name: 'a' }, { ...small, name: 'b' })
    const to = spec(
      { cpu: ['1', '2'], memory: ['32Mi', '64Mi'], name: 'a', restartFor: 'memory' },
      { ...small, cpu: ['300m', '500m'], name: 'b' },
    )
    assert.deepEqual(
      (planned(from, to) as readonly string[]).map((line) => line.slice(0, 9)),
      ['pod cpuQu', 'update b ', 'restart a', 'shrink po'],
    )
  })

  test('the reason is what the Killing event says', () => {
    const plan = planResize(input(spec(small), spec({ ...large, restartFor: 'cpu' })))
    const step =
      plan.kind === 'steps' ? plan.steps.find(({ kind }) => kind === 'restartContainer') : undefined
    assert.equal(
      step?.kind === 'restartContainer' && step.reason,
      'Container a resize requires restart',
    )
  })
})

describe('reading the pod cgroup', () => {
  test('a weight is compared as the linear weight it should be', () => {
    const { podCgroup } = input(spec(large), spec(large))
    const weight = (shares: number) =>
      ({ kind: 'weight', weight: weightFor(cpuShares(shares), 'linear') }) as const
    assert.deepEqual(
      planned(spec(large), spec(large), { podCgroup: { ...podCgroup, cpu: weight(512) } }),
      { kind: 'nothing' },
    )
    assert.deepEqual(
      planned(spec(large), spec(large), { podCgroup: { ...podCgroup, cpu: weight(102) } }),
      ['pod cpuShares=512'],
    )
  })

  test('a limit in the middle of a page is kept as the whole pages below', () => {
    const odd: Box = { cpu: ['250m', '500m'], memory: ['64Mi', '200000000'] }
    const podCgroup = { ...readingOf(spec(odd)), memoryLimit: bytes(199_999_488) }
    assert.deepEqual(planned(spec(odd), spec(odd), { podCgroup }), { kind: 'nothing' })
    assert.deepEqual(planned(spec(odd), spec(odd), { podCgroup, pageSize: bytes(65_536) }), {
      kind: 'nothing',
    })
  })

  test('systemd rounds a quota up, nobody else does', () => {
    const odd: Box = { cpu: ['250m', '4096m'], memory: ['64Mi', '128Mi'] }
    const podCgroup = { ...readingOf(spec(odd)), cpuQuota: micros(410_000) }
    assert.deepEqual(planned(spec(odd), spec(odd), { podCgroup, systemd: true }), {
      kind: 'nothing',
    })
    assert.deepEqual(planned(spec(odd), spec(odd), { podCgroup }), [
      'pod cpuQuota=409600 cpuPeriod=100000',
    ])
  })

  test('another period is set right', () => {
    const podCgroup = {
      ...readingOf(spec(small)),
      cpuQuota: micros(25_000),
      cpuPeriod: micros(50_000),
    }
    assert.deepEqual(planned(spec(small), spec(small), { podCgroup }), [
      'pod cpuQuota=50000 cpuPeriod=100000',
    ])
  })
})

describe('memory that is in use (5.4)', () => {
  const used = (pod: number | undefined, own: number | undefined): Partial<ResizePlanInput> => ({
    running: input(spec(large), spec(small)).running.map(({ memory: _memory, ...one }) => ({
      ...one,
      ...(own === undefined ? {} : { memory: { usage: mi(own) } }),
    })),
    ...(pod === undefined ? {} : { podMemory: { usage: mi(pod) } }),
  })
  const prefix = 'cannot decrease memory limits: '
  const pod = (usage: number) =>
    `attempting to set pod memory limit (134217728) below current usage (${mi(usage)})`
  const own = (usage: number) =>
    `attempting to set container "a" memory limit (134217728) below current usage (${mi(usage)})`
  const { podMemory: _memory, ...unmeasured } = input(spec(large), spec(small))

  const cases: readonly (readonly [string, Partial<ResizePlanInput>, string | undefined])[] = [
    ['room enough', used(100, 90), undefined],
    ['the pod uses just as much', used(128, 90), prefix + pod(128)],
    ['the container', used(127, 128), prefix + own(128)],
    ['both', used(200, 190), `${prefix}[${pod(200)}, ${own(190)}]`],
    ['no usage of the pod', used(undefined, 1), `${prefix}missing pod memory usage`],
    [
      'no usage of the container',
      used(1, undefined),
      `${prefix}missing container "a" memory usage`,
    ],
  ]
  for (const [name, more, message] of cases) {
    test(name, () => {
      const plan = planResize({ ...unmeasured, ...more })
      assert.equal(plan.kind === 'blocked' ? plan.message : undefined, message)
    })
  }

  test('what can be reclaimed does not count', () => {
    const memory = { usage: mi(200), held: mi(127) }
    const [live] = input(spec(large), spec(small)).running
    const plan = planResize({
      ...unmeasured,
      running: [{ ...live!, memory }],
      podMemory: memory,
    })
    assert.equal(plan.kind, 'steps')
    const held = { usage: mi(200), held: mi(128) }
    const blocked = planResize({
      ...unmeasured,
      running: [{ ...live!, memory: held }],
      podMemory: memory,
    })
    assert.equal(
      blocked.kind === 'blocked' && blocked.message,
      `${prefix}${own(200)}, of which ${mi(128)} cannot be reclaimed`,
    )
  })

  test('an increase is never blocked', () => {
    const plan = planResize(input(spec(small), spec(large), { podMemory: { usage: mi(1000) } }))
    assert.equal(plan.kind, 'steps')
  })

  test('nothing of a blocked resize is done, CPU neither', () => {
    const to = spec({ ...small, cpu: ['500m', '2'] })
    assert.equal(planResize({ ...input(spec(large), to), ...used(1, 200) }).kind, 'blocked')
  })

  test('a container that restarts frees what it uses', () => {
    const to = spec({ ...small, restartFor: 'memory' })
    const plan = planned(spec(large), to, used(200, 190))
    assert.deepEqual(plan, [
      'restart a',
      'shrink pod 134217728',
      `pod ${withoutMemory(asPod(smallKnobs))}`,
    ])
  })

  test('the first limit of all is a decrease', () => {
    const from = spec({ cpu: ['250m'], memory: ['64Mi'] })
    const running = [{ ...input(from, spec(small)).running[0]!, memory: { usage: mi(500) } }]
    assert.equal(planResize(input(from, spec(small), { running })).kind, 'blocked')
  })
})

describe('pod-level limits (3.9)', () => {
  const podLevel = (memory: string, box: Box = {}): PodSpec => ({
    containers: [container(box)],
    resources: { requests: { memory: '64Mi' }, limits: { memory } },
  })

  test('a container without a limit of its own follows them', () => {
    assert.deepEqual(planned(podLevel('128Mi'), podLevel('256Mi')), [
      'pod memoryLimit=268435456',
      'update a cpuShares=2 memoryLimit=268435456',
    ])
  })

  test("and the container's policy decides whether it restarts", () => {
    assert.deepEqual(planned(podLevel('128Mi'), podLevel('256Mi', { restartFor: 'memory' })), [
      'pod memoryLimit=268435456',
      'restart a',
    ])
  })

  test('one with its own limit does not change with them', () => {
    const own: Box = { memory: ['64Mi', '96Mi'] }
    assert.deepEqual(planned(podLevel('128Mi', own), podLevel('256Mi', own)), [
      'pod memoryLimit=268435456',
    ])
  })
})

describe('kernel first', () => {
  const kernelFirst = true
  const writes = (name: string, knobs: string, before: string) =>
    `write ${name} ${knobs} before ${before}`

  test('the container has its new size before the runtime is told, the pod before both', () => {
    assert.deepEqual(planned(spec(small), spec(large), { kernelFirst }), [
      `pod ${asPod(largeKnobs)}`,
      writes('a', largeKnobs, beforeOf(smallKnobs)),
      `update a ${largeKnobs}`,
    ])
  })

  test('down: the memory still goes first and safely, the pod last', () => {
    assert.deepEqual(planned(spec(large), spec(small), { kernelFirst }), [
      'shrink a 134217728',
      'shrink pod 134217728',
      writes('a', smallKnobs, beforeOf(largeKnobs)),
      `update a ${smallKnobs}`,
      `pod ${withoutMemory(asPod(smallKnobs))}`,
    ])
  })

  test('all containers before the first call to the runtime', () => {
    const two = (box: Box) => spec({ ...box, name: 'a' }, { ...box, name: 'b' })
    const kinds = planned(two(small), two(large), { kernelFirst })
    assert.ok(Array.isArray(kinds))
    assert.deepEqual(
      kinds.map((line) => line.split(' ', 2).join(' ')),
      ['pod memoryLimit=536870912', 'write a', 'write b', 'update a', 'update b'],
    )
  })

  test('a limit that was not there before is none again, one that is not asked for stays', () => {
    const from = spec({ cpu: ['250m'], memory: ['64Mi', '128Mi'] })
    const to = spec({ cpu: ['250m', '500m'], memory: ['64Mi', '128Mi'] })
    assert.deepEqual(planned(from, to, { kernelFirst }), [
      writes(
        'a',
        'cpuQuota=50000 cpuPeriod=100000',
        'cpuQuota=max memoryLimit=134217728 cpuShares=256',
      ),
      `update a ${smallKnobs}`,
      'pod cpuQuota=50000 cpuPeriod=100000',
    ])
    const request = spec({ cpu: ['500m'], memory: ['64Mi', '128Mi'] })
    assert.deepEqual(planned(from, request, { kernelFirst }), [
      'pod cpuShares=512',
      writes('a', 'cpuShares=512', 'memoryLimit=134217728 cpuShares=256'),
      'update a cpuShares=512 memoryLimit=134217728',
    ])
  })

  test('nothing is written where the kernel has no part in it, all where an update is unfinished', () => {
    const more = spec({ cpu: ['250m', '500m'], memory: ['128Mi', '128Mi'] })
    assert.deepEqual(planned(spec(small), more, { kernelFirst }), [`update a ${smallKnobs}`])
    const [known] = input(spec(small), more).running
    const running = [{ ...known!, updating: effectiveSize(more, more.containers[0]!) }]
    assert.deepEqual(planned(spec(small), more, { kernelFirst, running }), [
      writes('a', smallKnobs, beforeOf(smallKnobs)),
      `update a ${smallKnobs}`,
    ])
  })

  test('what restarts is not written, nor what nobody knows the old size of', () => {
    const restarting = (box: Box) => spec({ ...box, restartFor: 'memory' })
    assert.deepEqual(planned(restarting(small), restarting(large), { kernelFirst }), [
      `pod ${asPod(largeKnobs)}`,
      'restart a',
    ])
    const [known] = input(spec(small), spec(large)).running
    const running = [{ ...known!, actuated: undefined }]
    assert.deepEqual(planned(spec(small), spec(large), { kernelFirst, running }), [
      'shrink a 268435456',
      `pod ${asPod(largeKnobs)}`,
      `update a ${largeKnobs}`,
    ])
  })
})

/** As `unlimitedWhereUnset` orders them. */
function beforeOf(knobs: string): string {
  const order = ['cpuQuota', 'memoryLimit', 'cpuShares', 'cpuPeriod']
  return order.map((name) => knobs.split(' ').find((knob) => knob.startsWith(name))).join(' ')
}
