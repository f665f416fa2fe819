import type { TestEvent } from 'node:test/reporters'

/**
 * Writes the counts of each file, with its path, as a line of JSON when it ends, so
 * that scripts/test can add up the runs on this machine and in the guests, also those
 * that broke off. Tests that share a process count as one file without a path.
 */
// oxlint-disable-next-line import/no-default-export -- what `--test-reporter` takes
export default async function* countsReporter(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  let files = 0
  for await (const event of events) {
    if (event.type !== 'test:summary') continue
    const { file, counts } = event.data
    if (file !== undefined) files += 1
    if (file !== undefined || files === 0) yield `${JSON.stringify({ ...counts, file })}\n`
  }
}
