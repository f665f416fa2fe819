import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stages, type Stage } from './test-stages.ts'

/** Counts as the test runner's `test:summary` event has them. */
type Count = 'tests' | 'suites' | 'passed' | 'failed' | 'cancelled' | 'skipped' | 'todo'
type Counts = Readonly<Record<Count, number>>

interface StageResult {
  readonly stage: Stage
  readonly ok: boolean
  readonly seconds: number
  readonly counts: Counts
}

const none: Counts = {
  tests: 0,
  suites: 0,
  passed: 0,
  failed: 0,
  cancelled: 0,
  skipped: 0,
  todo: 0,
}
const onePassed: Counts = { ...none, tests: 1, passed: 1 }
const oneFailed: Counts = { ...none, tests: 1, failed: 1 }

const stopped = new AbortController()
process.once('SIGINT', () => stopped.abort()).once('SIGTERM', () => stopped.abort())

/** A program that cannot be started or is killed ends with 1, and says why. */
function exitCodeOf(stage: Stage): Promise<number> {
  const [program = '', ...args] = stage.command
  const { promise, resolve } = Promise.withResolvers<number>()
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...stage.env },
  })
  const stop = (): void => void child.kill('SIGTERM')
  stopped.signal.addEventListener('abort', stop)
  child.on('error', (error) => {
    console.error(`Cannot run ${program}: ${error.message}`)
    resolve(1)
  })
  child.on('close', (code, signal) => {
    stopped.signal.removeEventListener('abort', stop)
    if (signal !== null) console.error(`${program} was ended by ${signal}.`)
    resolve(code ?? 1)
  })
  return promise
}

/** Types, lint and format count as one test each, and so does a run that broke off. */
function countsOf(stage: Stage, exitCode: number): Counts {
  if (stage.counts === undefined) return exitCode === 0 ? onePassed : oneFailed
  const text = existsSync(stage.counts) ? readFileSync(stage.counts, 'utf8') : ''
  const counts = text === '' ? none : (JSON.parse(text) as Counts)
  if (counts.tests === 0) {
    console.error(`No test ran: the test runner ended with exit code ${exitCode}.`)
    return oneFailed
  }
  const unexplained = exitCode !== 0 && counts.failed + counts.cancelled === 0
  return unexplained ? { ...counts, tests: counts.tests + 1, failed: 1 } : counts
}

async function run(stage: Stage): Promise<StageResult> {
  console.log(`\n▶ ${stage.title}`)
  const start = performance.now()
  const counts = countsOf(stage, await exitCodeOf(stage))
  const seconds = (performance.now() - start) / 1000
  return { stage, ok: counts.failed + counts.cancelled === 0, seconds, counts }
}

/** Closing lines in the words of node's own test runner. */
function summary(results: readonly StageResult[]): string {
  const sum = (count: Count): number =>
    results.reduce((total, { counts }) => total + counts[count], 0)
  const seconds = results.reduce((total, result) => total + result.seconds, 0)
  return [
    '\n▶ Summary',
    ...results.map(stageLine),
    `ℹ tests ${sum('tests')}`,
    `ℹ suites ${sum('suites')}`,
    `ℹ pass ${sum('passed')}`,
    `ℹ fail ${sum('failed')}`,
    `ℹ cancelled ${sum('cancelled')}`,
    `ℹ skipped ${sum('skipped')}`,
    `ℹ todo ${sum('todo')}`,
    `ℹ duration_ms ${Math.round(seconds * 1000)}`,
  ].join('\n')
}

function stageLine({ stage, ok, seconds, counts }: StageResult): string {
  const passed = stage.counts === undefined ? '' : `, ${counts.passed} of ${counts.tests} passed`
  return `${ok ? '✔' : '✖'} ${stage.title} (${seconds.toFixed(1)} s${passed})`
}

/** The stages that the arguments name, or all; what names no stage is a test file. */
function chosenStages(results: string, args: readonly string[]): readonly Stage[] {
  const known = new Set(stages(results, []).map(({ name }) => name))
  const names = args.filter((arg) => known.has(arg))
  const files = args.filter((arg) => !known.has(arg))
  const all = stages(results, files)
  return all.filter(({ name }) => names.length === 0 || names.includes(name))
}

async function main(args: readonly string[]): Promise<void> {
  const results = mkdtempSync(join(tmpdir(), 'podfit-test-'))
  // Resizes of tests are not for the history of whoever runs them.
  process.env['XDG_STATE_HOME'] = join(results, 'state')
  const done: StageResult[] = []
  try {
    for (const stage of chosenStages(results, args)) {
      if (!stopped.signal.aborted) done.push(await run(stage))
    }
  } finally {
    rmSync(results, { recursive: true, force: true })
  }
  console.log(summary(done))
  process.exitCode = !stopped.signal.aborted && done.every(({ ok }) => ok) ? 0 : 1
}

await main(process.argv.slice(2))
