import { cameBefore } from '../kernel-watch.ts'
import type { Machine } from '../machine.ts'
import { proveKernel, proveSameContainer, proveVerified } from '../proofs.ts'
import { changeRows, resizeByApi } from '../resize-by-api.ts'
import type { Screen } from '../screen.ts'

const wanted = {
  app: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '400m', memory: '128Mi' } },
  log: { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
}

/** One PATCH that gives one container of a pod what it takes from the other. */
export async function twoContainers(machine: Machine, screen: Screen): Promise<void> {
  screen.title('Two containers of one pod in one PATCH: app gets what log gives up')
  const { before, after, changes } = await resizeByApi(machine, 'shop', wanted)
  screen.table(changeRows(changes))
  screen.line()
  const pod = changes.filter(({ owner }) => owner === 'pod')
  screen.prove(
    pod.length === 0 &&
      cameBefore(
        changes,
        ({ owner }) => owner === 'log',
        ({ owner }) => owner === 'app',
      ),
    "log gave before app got; the pod's own files did not change, since the sum stays",
  )
  for (const [container, size] of Object.entries(wanted)) {
    proveKernel(screen, after, container, size)
    proveSameContainer(screen, before, after, container)
  }
  await proveVerified(machine, screen, 'shop')
}
