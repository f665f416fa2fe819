import { join } from 'node:path'
import { cameBefore } from '../kernel-watch.ts'
import type { Machine } from '../machine.ts'
import { getPod, hasEvent, statusOf } from '../pod.ts'
import { proveKernel, proveSameContainer, proveVerified, proveWentOn, sizeText } from '../proofs.ts'
import { changeRows, milliseconds, resizeByApi, type SeenResize } from '../resize-by-api.ts'
import { runProgram } from '../run-program.ts'
import type { Screen } from '../screen.ts'
import { visiting } from '../visitor.ts'

const wanted = {
  requests: { cpu: '150m', memory: '48Mi' },
  limits: { cpu: '300m', memory: '96Mi' },
}

/** Less again, by a PATCH as any Kubernetes client sends it: the nine steps of one resize. */
export async function stepByStep(machine: Machine, screen: Screen): Promise<void> {
  screen.title('Down again, step by step: what happens to one PATCH')
  const web = await getPod(machine.client, 'web')
  const [seen, visit] = await visiting(web, () => resizeByApi(machine, 'web', { server: wanted }))
  const { before, after, generation, changes } = seen
  const started = await hasEvent(machine.client, 'web', 'ResizeStarted', generation)
  const completed = await hasEvent(machine.client, 'web', 'ResizeCompleted', generation)
  await tell(machine, screen, seen)
  screen.line()
  screen.prove(started && completed, 'the events ResizeStarted and ResizeCompleted were recorded')
  const isPod = ({ owner }: { readonly owner: string }) => owner === 'pod'
  const files = new Set(changes.map(({ file }) => file))
  screen.prove(
    [...files].every((name) => {
      const ofFile = changes.filter(({ file }) => file === name)
      return cameBefore(ofFile, (one) => !isPod(one), isPod)
    }),
    'less: in each file first the container, then the pod around it: never above its room',
  )
  proveKernel(screen, after, 'server', wanted)
  proveSameContainer(screen, before, after, 'server')
  proveWentOn(screen, visit)
  await proveVerified(machine, screen, 'web')
}

async function tell(machine: Machine, screen: Screen, seen: SeenResize): Promise<void> {
  const { before, after, generation, answeredMs, changes, settledMs } = seen
  const status = statusOf(after, 'server')
  const { cpu, memory } = status.allocatedResources ?? {}
  const step = (number: number, name: string, text: string) =>
    screen.line(`${screen.paint('bold', `${number} ${name.padEnd(9)}`)} ${text}`)
  step(1, 'asked', 'PATCH /api/v1/namespaces/default/pods/web/resize')
  step(2, 'allowed', sizeText(before.spec.containers[0]?.resources))
  screen.line(`          → ${sizeText(after.spec.containers[0]?.resources)}`)
  screen.line(`            QoS class stays ${after.status?.qosClass}`)
  const old = before.metadata.generation
  step(
    3,
    'stored',
    `generation ${old} → ${generation}, answered after ${milliseconds(answeredMs).trim()}`,
  )
  step(4, 'allocated', `node ${machine.nodeName} grants cpu ${cpu}, memory ${memory}`)
  step(5, 'ordered', orderOf(changes).join(', then '))
  const [first, last] = [changes[0]?.ms ?? 0, changes.at(-1)?.ms ?? 0].map(milliseconds)
  step(
    6,
    'done',
    `${changes.length} writes, from ${first?.trim()} to ${last?.trim()} after the PATCH`,
  )
  step(7, 'runtime', await runtimeRecord(machine, status.containerID))
  step(8, 'kernel', 'what was written to its files, in this order:')
  screen.table(changeRows(changes).map((row) => [' '.repeat(8), ...row]))
  step(9, 'told', `status: ${sizeText(status.resources)}, after ${milliseconds(settledMs).trim()}`)
}

/** What was written, in the order in which the kernel told of it: `memory of server`. */
function orderOf(changes: SeenResize['changes']): readonly string[] {
  const all = changes.map(({ owner, file }) => {
    return `${file.startsWith('memory') ? 'memory' : 'cpu'} of ${owner}`
  })
  return all.filter((one, index) => one !== all[index - 1])
}

interface ContainerRecord {
  readonly Spec: {
    readonly linux: {
      readonly resources: {
        readonly cpu?: { readonly shares?: number; readonly quota?: number }
        readonly memory?: { readonly limit?: number }
      }
    }
  }
}

/** What containerd itself has written down, asked with its own tool. */
async function runtimeRecord({ dataDir }: Machine, containerId = ''): Promise<string> {
  const socket = join(dataDir, 'containerd/containerd.sock')
  const id = containerId.replace(/^.*\/\//, '')
  const args = ['-a', socket, '-n', 'k8s.io', 'containers', 'info', id]
  const end = await runProgram('ctr', args).catch(() => undefined)
  if (end?.code !== 0) return 'containerd (ctr, its own tool, is not here to ask it)'
  const { cpu, memory } = (JSON.parse(end.stdout) as ContainerRecord).Spec.linux.resources
  return `containerd says: shares ${cpu?.shares}, quota ${cpu?.quota}, memory ${memory?.limit}`
}
