import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import type { Stage } from './test-stages.ts'

/** Counts as the test runner's `test:summary` event has them. */
export type Count = 'tests' | 'suites' | 'passed' | 'failed' | 'cancelled' | 'skipped' | 'todo'
export type Counts = Readonly<Record<Count, number>>

export interface StageResult {
  readonly stage: Stage
  readonly ok: boolean
  readonly seconds: number
  readonly counts: Counts
}

const countNames: readonly Count[] = [
  'tests',
  'suites',
  'passed',
  'failed',
  'cancelled',
  'skipped',
  'todo',
]

export function sumOf(all: readonly Counts[]): Counts {
  const sum = (name: Count): number => all.reduce((total, counts) => total + counts[name], 0)
  return Object.fromEntries(countNames.map((name) => [name, sum(name)])) as Counts
}

const none = sumOf([])
const onePassed: Counts = { ...none, tests: 1, passed: 1 }
const oneFailed: Counts = { ...none, tests: 1, failed: 1 }

/** Runs one stage; those that run beside others keep their output together. */
export async function runStage(stage: Stage, stopped: AbortSignal): Promise<StageResult> {
  if (stage.beside === undefined) console.log(`\n▶ ${stage.title}`)
  const start = performance.now()
  const { code, output } = await runProgram(stage, stopped)
  if (stage.beside !== undefined) console.log(`\n▶ ${stage.title}\n${output}`)
  const counts = countsOf(stage, code)
  const seconds = (performance.now() - start) / 1000
  return { stage, ok: counts.failed + counts.cancelled === 0, seconds, counts }
}

/** A program that cannot be started or is killed ends with 1, and says why. */
function runProgram(
  stage: Stage,
  stopped: AbortSignal,
): Promise<{ readonly code: number; readonly output: string }> {
  const [program = '', ...args] = stage.command
  const { promise, resolve } = Promise.withResolvers<{ code: number; output: string }>()
  const sink = stage.beside === undefined ? 'inherit' : 'pipe'
  const child = spawn(program, args, {
    stdio: ['ignore', sink, sink],
    env: { ...process.env, ...stage.env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const stop = (): void => void child.kill('SIGTERM')
  stopped.addEventListener('abort', stop)
  child.on('error', (error) => {
    console.error(`Cannot run ${program}: ${error.message}`)
    resolve({ code: 1, output })
  })
  child.on('close', (code, signal) => {
    stopped.removeEventListener('abort', stop)
    if (signal !== null) console.error(`${program} was ended by ${signal}.`)
    resolve({ code: code ?? 1, output })
  })
  return promise
}

/** Types, lint and format count as one test each, and so does a run that broke off. */
function countsOf(stage: Stage, exitCode: number): Counts {
  if (stage.counts === undefined) return exitCode === 0 ? onePassed : oneFailed
  const counts = countsIn(stage.counts)
  if (counts.tests === 0) {
    console.error(`No test ran: the test runner ended with exit code ${exitCode}.`)
    return oneFailed
  }
  const unexplained = exitCode !== 0 && counts.failed + counts.cancelled === 0
  return unexplained ? { ...counts, tests: counts.tests + 1, failed: 1 } : counts
}

/** The sum over the files that came to an end. */
function countsIn(file: string): Counts {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  return sumOf(lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Counts))
}
