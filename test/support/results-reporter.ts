import type { TestEvent } from 'node:test/reporters'

/** A test that failed, as a line of JSON. */
export interface Failure {
  readonly name: string
  readonly file: string
  /** The error's own text, several lines as a rule. */
  readonly message: string
}

/**
 * Writes each failure at once, and the counts of each file with its path when it ends, as
 * lines of JSON, so that scripts/test can add up the runs on this machine and in the guests,
 * also those that broke off. Tests that share a process count as one file without a path.
 */
// oxlint-disable-next-line import/no-default-export -- what `--test-reporter` takes
export default async function* resultsReporter(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  let files = 0
  for await (const event of events) {
    if (event.type === 'test:fail') yield* failureOf(event.data)
    if (event.type !== 'test:summary') continue
    const { file, counts } = event.data
    if (file !== undefined) files += 1
    if (file !== undefined || files === 0) yield `${JSON.stringify({ ...counts, file })}\n`
  }
}

type TestFail = Extract<TestEvent, { readonly type: 'test:fail' }>['data']

/** Nothing of a test that failed only because one within it did: that one says why. */
function* failureOf({ name, file = '', details }: TestFail): Generator<string> {
  const { error } = details
  const { failureType } = error as { readonly failureType?: string }
  if (failureType === 'subtestsFailed') return
  const cause: unknown = error.cause ?? error.message
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  const failure: Failure = { name, file, message }
  yield `${JSON.stringify(failure)}\n`
}
