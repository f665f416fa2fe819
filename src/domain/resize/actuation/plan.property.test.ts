import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { weightFor } from '../../cgroup/cpu.ts'
import {
  containerKnobs,
  podKnobs,
  unlimitedWhereUnset,
  type CgroupKnobs,
  type CgroupReading,
} from '../../cgroup/knobs.ts'
import { effectiveSize } from '../../resources/pod-resources.ts'
import type { Container, PodSpec, ResourceList } from '../../pod.ts'
import { sameSize, type Size } from '../../resources/size.ts'
import { bytes, cpuShares, micros, type Bytes } from '../../units.ts'
import { planResize, type ResizePlanInput } from './plan.ts'
import type { ResizeStep } from './resize-step.ts'

/** Two sizes of one container: limits may be added, never removed. */
interface TwoSizes {
  readonly before: Container
  readonly after: Container
  readonly runs: boolean
}

const list = (cpu: number, memory: number): ResourceList => ({
  cpu: `${cpu}m`,
  memory: `${memory}`,
})

const amounts = fc.record({
  cpu: fc.integer({ min: 1, max: 5000 }),
  memory: fc.integer({ min: 4096, max: 2 ** 33 }),
})

const containers: fc.Arbitrary<TwoSizes> = fc
  .record({
    before: amounts,
    after: amounts,
    limited: fc.constantFrom('both', 'after', 'neither', 'both', 'both'),
    restartFor: fc.constantFrom('cpu', 'memory', undefined, undefined),
    same: fc.boolean(),
    runs: fc.constantFrom(true, true, true, false),
  })
  .map(({ before, after, limited, restartFor, same, runs }) => {
    const end = same ? before : after
    const policy = restartFor
      ? { resizePolicy: [{ resourceName: restartFor, restartPolicy: 'RestartContainer' }] }
      : {}
    const build = ({ cpu, memory }: { cpu: number; memory: number }, isLimited: boolean) => ({
      name: '',
      ...policy,
      resources: {
        requests: list(Math.ceil(cpu / 2), Math.ceil(memory / 2)),
        ...(isLimited ? { limits: list(cpu, memory) } : {}),
      },
    })
    return {
      before: build(before, limited === 'both'),
      after: build(end, limited !== 'neither'),
      runs,
    }
  })

/** A pod before and after a resize, and what its cgroup says before. */
const resizes = fc
  .record({
    containers: fc.array(containers, { minLength: 1, maxLength: 5 }),
    podLevel: fc.option(fc.tuple(amounts, amounts), { nil: undefined }),
    v2: fc.boolean(),
    kernelFirst: fc.boolean(),
  })
  .map(({ containers, podLevel, v2, kernelFirst }) => {
    const from = specOf(
      containers.map(({ before }) => before),
      podLevel?.[0],
    )
    const to = specOf(
      containers.map(({ after }) => after),
      podLevel?.[1],
    )
    const running = from.containers.filter((_, index) => containers[index]?.runs)
    return { from, to, running, podCgroup: readingOf(podKnobs(from), v2), kernelFirst }
  })

/** Pod-level limits are no smaller than those of the containers, as the API wants it. */
function specOf(
  containers: readonly Container[],
  podLevel: { cpu: number; memory: number } | undefined,
): PodSpec {
  const named = containers.map((container, index) => ({ ...container, name: `c${index}` }))
  if (!podLevel) return { containers: named }
  const limits = list(podLevel.cpu + 5000, podLevel.memory + 2 ** 33)
  return { containers: named, resources: { requests: limits, limits } }
}

function readingOf(knobs: CgroupKnobs, v2: boolean): CgroupReading {
  const shares = knobs.cpuShares ?? cpuShares(2)
  return {
    cpu: v2 ? { kind: 'weight', weight: weightFor(shares, 'linear') } : { kind: 'shares', shares },
    cpuQuota: knobs.cpuQuota ?? 'max',
    cpuPeriod: knobs.cpuPeriod ?? micros(100_000),
    memoryLimit: wholePages(knobs.memoryLimit ?? 'max'),
  }
}

/** What the kernel keeps of a memory limit. */
function wholePages(limit: Bytes | 'max'): Bytes | 'max' {
  return limit === 'max' ? limit : bytes(Math.floor(limit / 4096) * 4096)
}

function inputOf({
  from,
  to,
  running,
  podCgroup,
  kernelFirst,
}: typeof resizes extends fc.Arbitrary<infer T> ? T : never): ResizePlanInput {
  return {
    allocated: to,
    running: running.map((container) => ({
      name: container.name,
      containerId: container.name,
      actuated: effectiveSize(from, container),
      memory: { usage: bytes(0) },
    })),
    podCgroup,
    podKnobs: podKnobs(to),
    podMemory: { usage: bytes(0) },
    kernelFirst,
  }
}

/** A kernel and a runtime that do what they are told. */
interface World {
  readonly pod: CgroupReading
  readonly containers: ReadonlyMap<string, Size>
  /** What the node wrote itself into containers' files. */
  readonly written: ReadonlyMap<string, CgroupKnobs>
}

function worldOf(input: ResizePlanInput): World {
  const sizes = input.running.map(({ name, actuated }) => [name, actuated ?? {}] as const)
  return { pod: input.podCgroup, containers: new Map(sizes), written: new Map() }
}

function apply(world: World, step: ResizeStep, to: PodSpec): World {
  switch (step.kind) {
    case 'shrinkMemory': {
      const { of, to: memoryLimit } = step
      if (of.kind === 'pod')
        return { ...world, pod: { ...world.pod, memoryLimit: wholePages(memoryLimit) } }
      return withContainer(world, of.container, {
        ...world.containers.get(of.container),
        memoryLimit,
      })
    }
    case 'writePodCgroup': {
      const { pod } = world
      const written = readingOf({ ...asKnobs(pod), ...step.knobs }, pod.cpu.kind === 'weight')
      return {
        ...world,
        pod: step.knobs.cpuShares === undefined ? { ...written, cpu: pod.cpu } : written,
      }
    }
    case 'writeContainer':
      return { ...world, written: new Map(world.written).set(step.container, step.knobs) }
    case 'updateContainer':
      return withContainer(world, step.container, step.size)
    case 'restartContainer': {
      const container = to.containers.find(({ name }) => name === step.container)
      return withContainer(world, step.container, container ? effectiveSize(to, container) : {})
    }
    default:
      return step satisfies never
  }
}

function asKnobs({ cpuQuota, cpuPeriod, memoryLimit }: CgroupReading): CgroupKnobs {
  return { cpuQuota, cpuPeriod, memoryLimit }
}

function withContainer(world: World, name: string, size: Size): World {
  return { ...world, containers: new Map(world.containers).set(name, size) }
}

const unlimited = (value: number | 'max') => (value === 'max' ? Number.POSITIVE_INFINITY : value)

/** A container without a limit is bounded by its pod, so only limits count. */
function obeysPod({ pod, containers, written }: World): boolean {
  const sizes = [...containers.values()].map((size) => containerKnobs(size))
  return [...sizes, ...written.values()].every(({ cpuQuota, memoryLimit }) => {
    return (
      (cpuQuota === undefined || unlimited(cpuQuota) <= unlimited(pod.cpuQuota)) &&
      (memoryLimit === undefined ||
        unlimited(wholePages(memoryLimit)) <= unlimited(pod.memoryLimit))
    )
  })
}

function worlds(input: ResizePlanInput): readonly World[] {
  const plan = planResize(input)
  const result = [worldOf(input)]
  for (const step of plan.kind === 'steps' ? plan.steps : []) {
    result.push(apply(result.at(-1) ?? worldOf(input), step, input.allocated))
  }
  return result
}

const runs = { numRuns: 2000 }

test('no container has a limit above its pod at any point, if that held before', () => {
  fc.assert(
    fc.property(resizes, (resize) => {
      const [start, ...later] = worlds(inputOf(resize))
      fc.pre(start !== undefined && obeysPod(start))
      assert.ok(later.every(obeysPod))
    }),
    runs,
  )
})

test('the plan ends at what is wanted, and then there is nothing left to do', () => {
  fc.assert(
    fc.property(resizes, (resize) => {
      const input = inputOf(resize)
      const end = worlds(input).at(-1) ?? worldOf(input)
      for (const container of resize.to.containers) {
        const size = end.containers.get(container.name)
        assert.ok(size === undefined || sameSize(size, effectiveSize(resize.to, container)))
      }
      const wanted = { ...asKnobs(resize.podCgroup), ...podKnobs(resize.to) }
      const reached = readingOf(unlimitedWhereUnset(wanted), end.pod.cpu.kind === 'weight')
      assert.equal(unlimited(end.pod.cpuQuota), unlimited(reached.cpuQuota))
      assert.equal(end.pod.memoryLimit, reached.memoryLimit)
      const running = input.running.map((one) => ({
        ...one,
        actuated: end.containers.get(one.name),
      }))
      assert.deepEqual(planResize({ ...input, running, podCgroup: end.pod }), { kind: 'nothing' })
    }),
    runs,
  )
})

test('each container is touched at most once, and only if its size changes', () => {
  fc.assert(
    fc.property(resizes, (resize) => {
      const plan = planResize(inputOf(resize))
      const steps = plan.kind === 'steps' ? plan.steps : []
      const writes = steps.filter((step) => step.kind === 'writeContainer')
      const others = steps.filter((step) => step.kind !== 'writeContainer')
      const touched = others.flatMap((step) => ('container' in step ? [step.container] : []))
      assert.equal(new Set(touched).size, touched.length)
      for (const { container, knobs, before } of writes) {
        const told = steps.find(
          (one) => 'knobs' in one && one.kind === 'updateContainer' && one.container === container,
        )
        // What is not written is what the runtime was told last.
        const said = { ...before, ...knobs }
        assert.deepEqual(told && 'knobs' in told && told.knobs, said)
      }
      for (const name of touched) {
        const [before, after] = [resize.from, resize.to].map((spec) => {
          const container = spec.containers.find((one) => one.name === name)
          return container ? effectiveSize(spec, container) : {}
        })
        assert.ok(!sameSize(before ?? {}, after ?? {}))
      }
    }),
    runs,
  )
})

test('a plan that is cut short anywhere goes on to the same end', () => {
  fc.assert(
    fc.property(resizes, fc.nat(12), (resize, cut) => {
      const input = inputOf(resize)
      const all = worlds(input)
      const stopped = all[Math.min(cut, all.length - 1)] ?? worldOf(input)
      const running = input.running.map((one) => ({
        ...one,
        actuated: stopped.containers.get(one.name),
      }))
      const rest = worlds({ ...input, running, podCgroup: stopped.pod })
      const [end, wanted] = [rest, all].map((steps) => ({ ...steps.at(-1), written: undefined }))
      assert.deepEqual(end, wanted)
      assert.ok(!obeysPod(all[0] ?? stopped) || rest.every(obeysPod))
    }),
    runs,
  )
})

test('equal input gives nothing', () => {
  fc.assert(
    fc.property(resizes, (resize) => {
      const input = inputOf({ ...resize, to: resize.from })
      assert.deepEqual(planResize(input), { kind: 'nothing' })
    }),
    runs,
  )
})
