import {
  milliCpuQuantity,
  milliValue,
  parseQuantity,
} from '../../../src/domain/quantity/quantity.ts'
import { milliCpu } from '../../../src/domain/units.ts'
import { resizeState } from '../../../src/domain/resize/reporting/state.ts'
import { nodes, pods } from '../../../src/kube/object/resource.ts'
import { changedFiles, kernelOf } from '../kernel.ts'
import { theAnswerIsNo, type Machine } from '../machine.ts'
import { createPod, deletePod, getPod, isReady, podWhen } from '../pod.ts'
import { proveKernel, proveSameContainer, proveVerified } from '../proofs.ts'
import type { Screen } from '../screen.ts'
import type { Node } from './open-machine.ts'

/** What stays free beside the pod that takes the rest of the node: too little for web. */
const leftMilliCpu = 100
const wanted = ['--cpu', '450m:600m']

/** A resize that has to wait for room, and gets it when another pod goes. */
export async function deferred(machine: Machine, screen: Screen): Promise<void> {
  screen.title('No room: the resize is deferred, and admitted when another pod goes')
  const { client } = machine
  const room = milliCpuQuantity(milliCpu((await freeMilliCpu(machine)) - leftMilliCpu))
  await createPod(client, neighbour(room))
  await podWhen(client, 'neighbour', 'ready', isReady)
  screen.line(
    `Pod neighbour took cpu ${room}: ${leftMilliCpu}m are left. web asks for 300m more.\n`,
  )

  const before = await getPod(client, 'web')
  const filesBefore = kernelOf(before)
  const planned = await machine.show(['plan', 'web', ...wanted])
  screen.line()
  const resizing = machine.show(['resize', 'web', ...wanted])
  const generation = (before.metadata.generation ?? 0) + 1
  const waiting = await podWhen(client, 'web', 'deferred', (pod) => {
    const { kind } = resizeState(pod, generation)
    return kind === 'deferred'
  })
  const untouched = changedFiles(filesBefore, kernelOf(waiting)).length === 0
  await deletePod(client, 'neighbour')
  const code = await resizing
  const after = await getPod(client, 'web')
  screen.line()
  screen.prove(planned === theAnswerIsNo, 'podfit plan said so beforehand, with exit code 3')
  const condition = waiting.status?.conditions?.find(({ type }) => type === 'PodResizePending')
  screen.prove(
    condition?.reason === 'Deferred' && untouched,
    `while it waited: condition PodResizePending, reason ${condition?.reason}; no file was touched`,
  )
  screen.prove(code === 0, 'then neighbour was deleted, and the node went on by itself')
  proveKernel(screen, after, 'server', { limits: { cpu: '600m', memory: '96Mi' } })
  proveSameContainer(screen, before, after, 'server')
  await proveVerified(machine, screen, 'web')
}

async function freeMilliCpu({ client, nodeName }: Machine): Promise<number> {
  const node = (await client.get(nodes, { name: nodeName })) as Node
  const { items } = await client.list(pods)
  const requests = items.flatMap(({ spec }) =>
    spec.containers.map(({ resources }) => resources?.requests?.['cpu'] ?? '0'),
  )
  return requests.reduce((free, cpu) => free - milli(cpu), milli(node.status.allocatable['cpu']))
}

function milli(cpu = '0'): number {
  const quantity = parseQuantity(cpu)
  if (quantity === undefined) throw new TypeError(`Cannot read the quantity '${cpu}'`)
  return milliValue(quantity)
}

function neighbour(cpu: string) {
  return {
    metadata: { name: 'neighbour' },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sleep', 'infinity'],
          resources: { requests: { cpu } },
        },
      ],
    },
  }
}
