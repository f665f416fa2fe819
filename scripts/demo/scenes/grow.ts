import { changedFiles, kernelOf } from '../kernel.ts'
import type { Machine } from '../machine.ts'
import { getPod } from '../pod.ts'
import { proveKernel, proveSameContainer, proveWentOn } from '../proofs.ts'
import type { Screen } from '../screen.ts'
import { visiting } from '../visitor.ts'

/** More CPU and memory by the command line, while the server answers. */
export async function grow(machine: Machine, screen: Screen): Promise<void> {
  screen.title('Up: web gets five times the CPU and twice the memory while it answers')
  const { client } = machine
  const before = await getPod(client, 'web')
  const filesBefore = kernelOf(before)
  const [code, visit] = await visiting(before, () =>
    machine.show(['resize', 'web', '--cpu', '500m:1', '--memory', '64Mi:128Mi']),
  )
  const after = await getPod(client, 'web')
  screen.line("\nThe kernel's files, read by this demo itself, before → after:")
  screen.table(changedFiles(filesBefore, kernelOf(after)))
  screen.line()
  screen.prove(code === 0, 'podfit resize ended with exit code 0: done and verified')
  proveKernel(screen, after, 'server', { limits: { cpu: '1', memory: '128Mi' } })
  proveSameContainer(screen, before, after, 'server')
  proveWentOn(screen, visit)
  screen.line()
  const verified = await machine.show(['verify', 'web'])
  screen.prove(verified === 0, 'podfit verify ended with exit code 0')
}
