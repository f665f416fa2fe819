import { changedFiles, kernelOf } from '../kernel.ts'
import { theAnswerIsNo, type Machine } from '../machine.ts'
import { getPod } from '../pod.ts'
import type { Screen } from '../screen.ts'

/** Sizes that the API server refuses with a field error: nothing changes. */
export async function refused(machine: Machine, screen: Screen): Promise<void> {
  screen.title('What may not be: the API server refuses, and nothing changes')
  const before = await getPod(machine.client, 'web')
  const filesBefore = kernelOf(before)
  const qos = await machine.show(['resize', 'web', '--cpu', '600m:600m', '--memory', '96Mi:96Mi'])
  screen.line()
  const tooLarge = await machine.show(['resize', 'web', '--cpu', '1000:1000'])
  const after = await getPod(machine.client, 'web')
  screen.line()
  screen.prove(
    qos === theAnswerIsNo && tooLarge === theAnswerIsNo,
    'both ended with exit code 3, the answer is no',
  )
  screen.prove(
    after.metadata.generation === before.metadata.generation &&
      changedFiles(filesBefore, kernelOf(after)).length === 0,
    'the pod and its cgroup files are as they were',
  )
}
