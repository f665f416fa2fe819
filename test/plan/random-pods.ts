import type { Container, Pod, ResourceRequirements } from '../../src/domain/pod.ts'
import { compareQuantity, parseQuantity } from '../../src/domain/quantity/quantity.ts'
import type { RandomNumbers } from '../support/random-numbers.ts'

const restarts = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]

/** A container of one of the kinds that resizes tell apart, about as large as `cpu` and `memory`. */
function randomContainer(
  { below }: RandomNumbers,
  cpu: number,
  memory: number,
): Partial<Container> {
  const requests = { cpu: `${cpu}m`, memory: `${memory}Mi` }
  const limits = { cpu: `${2 * cpu}m`, memory: `${2 * memory}Mi` }
  switch (below(6)) {
    case 0:
      return { resources: { requests, limits: requests } }
    case 1:
      return { resources: { requests } }
    case 2:
      return { resources: { requests: { cpu: `${cpu}m` }, limits: { memory: `${memory}Mi` } } }
    case 3:
      return { resources: {} }
    case 4:
      return { resources: { requests, limits }, resizePolicy: restarts }
    default:
      return { resources: { requests, limits } }
  }
}

/** Pods that together leave between nothing and two thirds of the node's CPU free. */
export function randomPods(random: RandomNumbers, nodeMilli: number, names: readonly string[]) {
  const each = Math.floor((nodeMilli * (0.3 + 0.7 * random.next())) / names.length)
  return names.map((name): Pod => {
    const container = randomContainer(
      random,
      10 + random.below(each - 10),
      random.oneOf([16, 32, 64]),
    )
    const command = ['sleep', '1000000']
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'c', image: 'busybox', command, ...container }],
      },
    }
  })
}

function isMore(text: string, than: string): boolean {
  const [a, b] = [parseQuantity(text), parseQuantity(than)]
  return a !== undefined && b !== undefined && compareQuantity(a, b) > 0
}

/** A random size for the pod, now and then one that no rule lets pass. */
export function randomSize(
  random: RandomNumbers,
  pod: Pod,
  nodeMilli: number,
): ResourceRequirements {
  const { requests = {}, limits = {} } = pod.spec.containers[0]?.resources ?? {}
  const { next, oneOf } = random
  const sizes = [10, 50, 100, 300, 700, nodeMilli / 2, nodeMilli - 100, nodeMilli, nodeMilli + 1]
  const drawn = {
    cpu: () => `${oneOf(sizes)}m`,
    memory: () => `${oneOf([16, 32, 48, 64, 128, 256, 1_000_000])}Mi`,
  }
  const keepsValues = next() < 0.93
  const side = (list: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      (['cpu', 'memory'] as const)
        .filter((key) => (keepsValues ? key in list : next() < 0.5))
        .map((key) => [key, next() < 0.6 ? drawn[key]() : (list[key] ?? drawn[key]())]),
    )
  const drawnLimits = side(limits)
  const wanted = { requests: side(requests), limits: drawnLimits }
  // Else every second request would be above its limit, which no server takes.
  if (next() < 0.85) {
    for (const [key, request] of Object.entries(wanted.requests)) {
      const limit = drawnLimits[key]
      if (limit !== undefined && isMore(request, limit)) drawnLimits[key] = request
    }
  }
  // Guaranteed pods mostly stay so, else nearly everything would be rejected.
  const staysGuaranteed = JSON.stringify(requests) === JSON.stringify(limits) && next() < 0.8
  return staysGuaranteed ? { ...wanted, requests: wanted.limits } : wanted
}
