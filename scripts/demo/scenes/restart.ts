import type { Machine } from '../machine.ts'
import { getPod, shortId, statusOf } from '../pod.ts'
import { proveKernel, proveSameContainer, proveVerified } from '../proofs.ts'
import type { Screen } from '../screen.ts'

/** A container whose resizePolicy asks for a restart when its memory changes. */
export async function restart(machine: Machine, screen: Screen): Promise<void> {
  screen.title('A container that wants a restart for new memory, and none for new CPU')
  const { client } = machine
  const first = await getPod(client, 'cache')
  const cpu = await machine.show(['resize', 'cache', '--cpu', '100m'])
  const second = await getPod(client, 'cache')
  screen.line()
  screen.prove(cpu === 0, 'CPU: done and verified')
  proveSameContainer(screen, first, second, 'store')
  screen.line()
  const memory = await machine.show(['resize', 'cache', '--memory', 'x2'])
  const third = await getPod(client, 'cache')
  const [old, now] = [statusOf(second, 'store'), statusOf(third, 'store')]
  screen.line()
  screen.prove(memory === 0, 'memory: done and verified')
  screen.prove(
    now.restartCount === 1 && shortId(old) !== shortId(now),
    `store was restarted once (${shortId(old)} → ${shortId(now)}), in the same pod (${third.status?.podIP})`,
  )
  proveKernel(screen, third, 'store', { limits: { cpu: '100m', memory: '128Mi' } })
  await proveVerified(machine, screen, 'cache')
}
