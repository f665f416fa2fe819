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

/** Exit code after Ctrl-C, as podfit's own verbs have it. */
const interruptedCode = 130

/** Resolves at Ctrl-C, or when the terminal is closed: then the cleaning up comes at once. */
function interruption(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve('interrupted'))
    }
  })
}

/** Tells the whole story and returns the exit code: 0 if everything claimed in it held. */
export async function runDemo({ keep }: DemoOptions): Promise<number> {
  const story = new Screen()
  const dataDir = demoDirectory()
  const start = performance.now()
  story.title('A Kubernetes of one node, on this machine')
  const starting = startMachine(dataDir, story)
  let end: 'played' | 'failed' | 'interrupted' = 'failed'
  try {
    const playing = starting.then((machine) => play(machine, story))
    // A story that is broken off fails once more, when everything is taken from under it.
    playing.catch(() => {})
    end = await Promise.race([playing, interruption()])
  } catch (error) {
    story.prove(false, error instanceof Error ? error.message : String(error))
  }
  story.breakOff()
  const ending = new Screen()
  if (keep && end === 'played') {
    explainKeeping(await starting, ending)
  } else {
    ending.title('Clean up')
    // What has not started yet could not be stopped.
    await starting.catch(() => {})
    await stopMachine(dataDir, ending)
  }
  if (end === 'interrupted') return interruptedCode
  return tellVerdict(ending, [...story.failures, ...ending.failures], performance.now() - start)
}

async function play(machine: Machine, screen: Screen): Promise<'played'> {
  for (const scene of scenes) await scene(machine, screen)
  return 'played'
}

function tellVerdict(screen: Screen, failures: readonly string[], tookMs: number): number {
  const seconds = (tookMs / 1000).toFixed(1)
  const { paint } = screen
  screen.line()
  if (failures.length === 0) {
    screen.line(paint('green', `Everything shown held (${seconds} s).`))
    return 0
  }
  screen.line(paint('red', `The demo failed after ${seconds} s:`))
  for (const failure of failures) screen.line(`  ${failure}`)
  return 1
}
