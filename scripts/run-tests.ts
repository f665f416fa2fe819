import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { runStage, type StageResult, sumOf } from './run-stage.ts'
import { stages, type Stage } from './test-stages.ts'

/** Of an error in the summary; the whole of it stands with its test. */
const mostLines = 20

const stopped = new AbortController()
process.once('SIGINT', () => stopped.abort()).once('SIGTERM', () => stopped.abort())

/** Runs the stages in their order, those beside each other on as many CPUs as there are. */
async function runAll(all: readonly Stage[]): Promise<readonly StageResult[]> {
  const results: StageResult[] = []
  const run = async (stage: Stage | undefined): Promise<void> => {
    if (stage !== undefined && !stopped.signal.aborted) {
      results.push(await runStage(stage, stopped.signal))
    }
  }
  for (const stage of all.filter(({ beside }) => beside === undefined)) await run(stage)
  const waiting = all.filter(({ beside }) => beside !== undefined)
  for (const { title } of waiting) console.log(`\n▶ ${title}: shown when it ends`)
  const worker = async (): Promise<void> => {
    while (waiting.length > 0) await run(waiting.shift())
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))
  return results
}

/** Closing lines in the words of node's own test runner. */
function summary(results: readonly StageResult[], seconds: number): string {
  const sum = sumOf(results.map(({ counts }) => counts))
  return [
    '\n▶ Summary',
    ...results.map(stageLine),
    `ℹ tests ${sum.tests}`,
    `ℹ suites ${sum.suites}`,
    `ℹ pass ${sum.passed}`,
    `ℹ fail ${sum.failed}`,
    `ℹ cancelled ${sum.cancelled}`,
    `ℹ skipped ${sum.skipped}`,
    `ℹ todo ${sum.todo}`,
    `ℹ duration_ms ${Math.round(seconds * 1000)}`,
  ].join('\n')
}

/** What failed in the end, and what failed once, each with the head of its error. */
function failures(results: readonly StageResult[]): string {
  const all = results.flatMap(({ stage, failures }) =>
    failures.map(({ name, file, message }) => {
      const own = message.split('\n').filter((line) => !/^ +at .*node:/.test(line))
      const lines = own.slice(0, mostLines)
      const where = `${stage.name}: ${relative('.', file)}: ${name}`
      return [`✖ ${where}`, ...lines.map((line) => `  ${line}`)].join('\n')
    }),
  )
  return all.length === 0 ? '' : ['\n▶ What failed', ...all].join('\n')
}

function stageLine({ stage, ok, seconds, counts, unsteady }: StageResult): string {
  const passed = stage.results === undefined ? '' : `, ${counts.passed} of ${counts.tests} passed`
  const line = `${ok ? '✔' : '✖'} ${stage.title} (${seconds.toFixed(1)} s${passed})`
  return [
    line,
    ...unsteady.map((file) => `  ⚠ ${file} failed once, and passed when run again`),
  ].join('\n')
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
  const directory = mkdtempSync(join(tmpdir(), 'podfit-test-'))
  // Resizes of tests are not for the history of whoever runs them.
  process.env['XDG_STATE_HOME'] = join(directory, 'state')
  // Every file and every podfit loads the same modules: compiled once is enough, also for the guests.
  process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../.cache/compiled')
  const start = performance.now()
  let results: readonly StageResult[] = []
  try {
    results = await runAll(chosenStages(directory, args))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  const failed = failures(results)
  if (failed !== '') console.log(failed)
  console.log(summary(results, (performance.now() - start) / 1000))
  process.exitCode = !stopped.signal.aborted && results.every(({ ok }) => ok) ? 0 : 1
}

await main(process.argv.slice(2))
