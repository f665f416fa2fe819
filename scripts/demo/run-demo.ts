import { explainKeeping } from './keep.ts'
import { demoDirectory, startMachine, stopMachine, type Machine } from './machine.ts'
import { allLayers } from './scenes/all-layers.ts'
import { deferred } from './scenes/deferred.ts'
import { grow } from './scenes/grow.ts'
import { openMachine } from './scenes/open-machine.ts'
import { refused } from './scenes/refused.ts'
import { restart } from './scenes/restart.ts'
import { startPods } from './scenes/start-pods.ts'
import { stepByStep } from './scenes/step-by-step.ts'
import { twoContainers } from './scenes/two-containers.ts'
import { Screen } from './screen.ts'

export interface DemoOptions {
  /** Leave podfit and its pods running at the end. */
  readonly keep: boolean
}

const scenes = [
  openMachine,
  startPods,
  grow,
  stepByStep,
  twoContainers,
  restart,
  deferred,
  refused,
  allLayers,
]

/** Rejects at Ctrl-C, so that the cleaning up comes at once. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new Error('interrupted')))
    }
  })
}

/** Tells the whole story and returns the exit code: 0 if everything claimed in it held. */
export async function runDemo({ keep }: DemoOptions): Promise<number> {
  const screen = new Screen()
  const dataDir = demoDirectory()
  const start = performance.now()
  screen.title('A Kubernetes of one node, on this machine')
  const starting = startMachine(dataDir, screen)
  let kept = false
  try {
    const playing = starting.then((machine) => play(machine, screen))
    // A story that is broken off fails once more, when everything is taken from under it.
    playing.catch(() => {})
    await Promise.race([playing, interruption()])
    kept = keep
  } catch (error) {
    screen.prove(false, error instanceof Error ? error.message : String(error))
  }
  if (kept) {
    explainKeeping(await starting, screen)
  } else {
    screen.title('Clean up')
    // What has not started yet could not be stopped.
    await starting.catch(() => {})
    await stopMachine(dataDir, screen)
  }
  return verdict(screen, performance.now() - start)
}

async function play(machine: Machine, screen: Screen): Promise<void> {
  for (const scene of scenes) await scene(machine, screen)
}

function verdict(screen: Screen, tookMs: number): number {
  const seconds = (tookMs / 1000).toFixed(1)
  const { paint, failures } = screen
  screen.line()
  if (failures.length === 0) {
    screen.line(paint('green', `Everything shown held (${seconds} s).`))
    return 0
  }
  screen.line(paint('red', `The demo failed after ${seconds} s:`))
  for (const failure of failures) screen.line(`  ${failure}`)
  return 1
}
