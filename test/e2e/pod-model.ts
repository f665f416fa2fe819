import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { Pod, PodSpec } from '../../src/domain/pod.ts'
import { type Amounts, amountsIn, amountsOf } from '../../src/domain/resize/admission/node-usage.ts'
import { expectCgroups } from './expect-size.ts'
import { conditionOf, isSettled, type LiveNode, statusOf } from './live-node.ts'

interface Known {
  /** The spec of each generation that the API has acknowledged. */
  readonly specs: Map<number, PodSpec>
  /** How often each container may have been restarted at most. */
  readonly restarts: Map<string, number>
}

/**
 * What has to hold of pods that are resized, killed and deleted at random, by what
 * the API has acknowledged: no size is lost, none is half there, nobody is promised
 * more than there is, and nobody is restarted without a reason.
 */
export class PodModel {
  readonly #known = new Map<string, Known>()
  readonly #allocatable: Amounts

  /** @param allocatable what the node has for all pods together */
  constructor(allocatable: Readonly<Record<string, string>>) {
    this.#allocatable = amountsIn(allocatable)
  }

  /** The API has answered with this pod; `restarting` are those that the change restarts. */
  acknowledged({ metadata, spec }: Pod, restarting: readonly string[] = []): void {
    const { specs } = this.#of(metadata.uid)
    specs.set(metadata.generation ?? 1, spec)
    for (const container of restarting) this.mayRestart(metadata.uid, container)
  }

  /** Somebody has killed the container, or its size wants a restart. */
  mayRestart(uid: string | undefined, container: string): void {
    const { restarts } = this.#of(uid)
    restarts.set(container, (restarts.get(container) ?? 0) + 1)
  }

  /** What is wrong at a time at which nobody asks for anything; right are no lines. */
  faults(node: LiveNode, pods: readonly Pod[]): readonly string[] {
    const staying = pods.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && status?.phase === 'Running',
    )
    const promised = staying.map(allocatedAmounts)
    const faults = staying.map((pod, index) =>
      faultOf(pod.metadata.name, () => {
        this.#expectKnownSize(node, pod)
        this.#expectRestarts(pod)
        const others = sumOf(promised.toSpliced(index, 1))
        if (conditionOf(pod, 'PodResizePending') !== undefined) this.#expectShort(pod, others)
      }),
    )
    return [...faults.flat(), ...this.#overcommitted(sumOf(promised))]
  }

  /** The newest size, or as long as that has to wait an older one as a whole; and so in the kernel. */
  #expectKnownSize(node: LiveNode, pod: Pod): void {
    const { specs } = this.#of(pod.metadata.uid)
    const newest = Math.max(...specs.keys())
    assert.equal(pod.metadata.generation, newest, 'an acknowledged size is lost')
    const [generation, spec] = [...specs].find(([, one]) => isShown(pod, one)) ?? []
    assert.ok(spec, `nobody asked for ${inspect(pod.status?.containerStatuses, { depth: 4 })}`)
    if (conditionOf(pod, 'PodResizePending') === undefined) {
      assert.ok(isSettled(pod), 'it is not settled')
      assert.equal(isShown(pod, pod.spec), true, `it has generation ${generation} of ${newest}`)
    }
    expectCgroups(node, pod, spec)
  }

  #expectRestarts({ metadata, status }: Pod): void {
    const { restarts } = this.#of(metadata.uid)
    for (const { name, restartCount = 0 } of status?.containerStatuses ?? []) {
      const most = restarts.get(name) ?? 0
      assert.ok(restartCount <= most, `${name} was restarted ${restartCount} times, not ${most}`)
    }
  }

  /** Who waits must have a reason. */
  #expectShort({ spec }: Pod, others: Amounts): void {
    const wanted = sumOf([amountsOf(spec), others])
    const short = this.#overcommitted(wanted)
    assert.notDeepEqual(short, [], `it waits, and would fit: ${inspect(wanted)}`)
  }

  #overcommitted(sum: Amounts): readonly string[] {
    return ['cpu', 'memory']
      .filter((name) => (sum[name] ?? 0) > (this.#allocatable[name] ?? 0))
      .map((name) => `${name}: ${sum[name]} of ${this.#allocatable[name]}`)
  }

  #of(uid = ''): Known {
    const known = this.#known.get(uid) ?? { specs: new Map(), restarts: new Map() }
    this.#known.set(uid, known)
    return known
  }
}

/** Whether the status says of every container the size that this spec has. */
function isShown(pod: Pod, spec: PodSpec): boolean {
  return spec.containers.every(({ name, resources }) => {
    const shown = statusOf(pod, name)
    const same = [
      [shown.resources, resources],
      [shown.allocatedResources, resources?.requests],
    ]
    return same.every(
      ([is, wanted]) => faultOf('', () => assert.deepEqual(is, wanted)).length === 0,
    )
  })
}

/** What the node has promised to the pod, by its status. */
function allocatedAmounts({ status }: Pod): Amounts {
  return sumOf(
    (status?.containerStatuses ?? []).map(({ allocatedResources = {} }) =>
      amountsIn(allocatedResources),
    ),
  )
}

function sumOf(all: readonly Amounts[]): Amounts {
  const names = new Set(all.flatMap((one) => Object.keys(one)))
  const sum = (name: string): number => all.reduce((total, one) => total + (one[name] ?? 0), 0)
  return Object.fromEntries([...names].map((name) => [name, sum(name)]))
}

function faultOf(name: string, check: () => void): readonly string[] {
  try {
    check()
    return []
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`]
  }
}
