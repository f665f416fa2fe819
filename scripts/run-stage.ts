import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { relative } from 'node:path'
import type { Failure } from '../test/support/results-reporter.ts'
import type { Stage } from './test-stages.ts'

/** Counts as the test runner's `test:summary` event has them. */
export type Count = 'tests' | 'suites' | 'passed' | 'failed' | 'cancelled' | 'skipped' | 'todo'
export type Counts = Readonly<Record<Count, number>>

export interface StageResult {
  readonly stage: Stage
  readonly ok: boolean
  readonly seconds: number
  readonly counts: Counts
  /** Files that failed at first and passed when they were run once more. */
  readonly unsteady: readonly string[]
  /** Of both runs, those that passed the second time included. */
  readonly failures: readonly Failure[]
}

/** The counts of one file; without a path those of tests that share a process. */
type FileCounts = Counts & { readonly file?: string }

/** More than these is no accident of a busy machine. */
const mostFilesAgain = 3

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

/**
 * Runs one stage; those that run beside others keep their output together. Files of
 * real containers and processes that fail are run once more: what fails twice has
 * failed, and what does not is named in the summary.
 */
export async function runStage(stage: Stage, stopped: AbortSignal): Promise<StageResult> {
  const start = performance.now()
  const first = await runOnce(stage, stopped)
  const again = filesToRepeat(first)
  const result = (counts: Counts, failures: readonly Failure[]): StageResult => {
    const ok = counts.failed + counts.cancelled === 0
    const seconds = (performance.now() - start) / 1000
    return { stage, ok, seconds, counts, unsteady: ok ? again : [], failures }
  }
  if (stage.only === undefined || again.length === 0) return result(first.counts, first.failures)
  const repeated = { ...stage, title: `${stage.title}, once more`, command: stage.only(again) }
  const second = await runOnce(repeated, stopped)
  const rest = first.files.filter(({ file = '' }) => !again.includes(relative('.', file)))
  return result(sumOf([...rest, second.counts]), [...first.failures, ...second.failures])
}

interface Run {
  readonly exitCode: number
  readonly counts: Counts
  readonly files: readonly FileCounts[]
  readonly failures: readonly Failure[]
}

async function runOnce(stage: Stage, stopped: AbortSignal): Promise<Run> {
  if (stage.results !== undefined) rmSync(stage.results, { force: true })
  if (stage.beside === undefined) console.log(`\n▶ ${stage.title}`)
  const { code, output } = await runProgram(stage, stopped)
  if (stage.beside !== undefined) console.log(`\n▶ ${stage.title}\n${output}`)
  const { files, failures } = resultsIn(stage.results)
  return { exitCode: code, files, failures, counts: countsOf(stage, code, files) }
}

/** Those that failed, if they are few and the test runner came to its end (it ends with 1 then). */
function filesToRepeat({ exitCode, files }: Run): readonly string[] {
  const failed = files.filter((one) => one.failed + one.cancelled > 0)
  const named = failed.flatMap(({ file }) => file ?? [])
  const few = named.length === failed.length && named.length <= mostFilesAgain
  return exitCode === 1 && few ? named.map((file) => relative('.', file)) : []
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
function countsOf(stage: Stage, exitCode: number, files: readonly FileCounts[]): Counts {
  if (stage.results === undefined) return exitCode === 0 ? onePassed : oneFailed
  const counts = sumOf(files)
  if (counts.tests === 0) {
    console.error(`No test ran: the test runner ended with exit code ${exitCode}.`)
    return oneFailed
  }
  const unexplained = exitCode !== 0 && counts.failed + counts.cancelled === 0
  return unexplained ? { ...counts, tests: counts.tests + 1, failed: 1 } : counts
}

/** Of the files that came to an end, and what failed in those that did not. */
function resultsIn(file: string | undefined): Pick<Run, 'files' | 'failures'> {
  if (file === undefined || !existsSync(file)) return { files: [], failures: [] }
  const lines = readFileSync(file, 'utf8').split('\n')
  const all = lines.flatMap((line) =>
    line === '' ? [] : [JSON.parse(line) as FileCounts | Failure],
  )
  return {
    files: all.filter((one) => 'tests' in one),
    failures: all.filter((one) => 'message' in one),
  }
}
