import type { Pod } from '../../../src/domain/pod.ts'
import type { Machine } from '../machine.ts'
import { createPod, example, isReady, podWhen } from '../pod.ts'
import { sizeText } from '../proofs.ts'
import type { Screen } from '../screen.ts'
import { serving } from '../visitor.ts'

const names = ['web', 'shop', 'cache']

/** Runs the pods of examples/, all at once. */
export async function startPods({ client }: Machine, screen: Screen): Promise<void> {
  screen.title('Three pods')
  const start = performance.now()
  const pods = await Promise.all(
    names.map(async (name) => {
      await createPod(client, example(name))
      const pod = await podWhen(client, name, 'ready', isReady)
      return { pod, ms: performance.now() - start }
    }),
  )
  const [web] = pods
  if (web !== undefined) await serving(web.pod)
  screen.table([
    ['POD', 'CONTAINER', 'SIZE (REQUEST:LIMIT)', 'QOS CLASS', 'READY AFTER'],
    ...pods.flatMap(({ pod, ms }) => rows(pod, ms)),
  ])
  screen.line()
  screen.prove(
    pods.every(({ pod }) => pod.status?.phase === 'Running'),
    'all of them run: real containers in real cgroups; web answers on port 8080',
  )
}

function rows({ metadata, spec, status }: Pod, ms: number): string[][] {
  return spec.containers.map(({ name, resources }, index) =>
    index === 0
      ? [metadata.name, name, sizeText(resources), status?.qosClass ?? '', `${Math.round(ms)} ms`]
      : ['', name, sizeText(resources)],
  )
}
