import type { Container, Pod, ResourceRequirements } from '../../src/domain/pod.ts'

/** CPU request and limit in millicores, memory request and limit in MiB. */
export interface TestSize {
  readonly cpu: readonly [request: number, limit: number]
  readonly memory: readonly [request: number, limit: number]
}

/** Little CPU is asked for: a dozen of them have to fit where there is one, too. */
export const small: TestSize = { cpu: [50, 200], memory: [32, 64] }
export const large: TestSize = { cpu: [100, 400], memory: [64, 128] }

export function resourcesFor({ cpu, memory }: TestSize): ResourceRequirements {
  return {
    requests: { cpu: `${cpu[0]}m`, memory: `${memory[0]}Mi` },
    limits: { cpu: `${cpu[1]}m`, memory: `${memory[1]}Mi` },
  }
}

/** Goes on until it is told to stop, and stops at once. */
const obedient = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done']

export interface TestContainer {
  readonly name: string
  readonly size: TestSize
  /** Whether a new memory size restarts it. */
  readonly restarts?: boolean
  readonly command?: readonly string[]
}

export function testPod(name: string, containers: readonly TestContainer[]): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { terminationGracePeriodSeconds: 5, containers: containers.map(containerOf) },
  }
}

function containerOf({ name, size, restarts, command = obedient }: TestContainer): Container {
  return {
    name,
    image: 'busybox',
    command: [...command],
    resources: resourcesFor(size),
    ...(restarts === true
      ? { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] }
      : {}),
  }
}

/** The patch of `pods/NAME/resize` that gives the named containers their sizes. */
export function resizePatch(sizes: Readonly<Record<string, TestSize>>): object {
  return {
    spec: {
      containers: Object.entries(sizes).map(([name, size]) => ({
        name,
        resources: resourcesFor(size),
      })),
    },
  }
}
