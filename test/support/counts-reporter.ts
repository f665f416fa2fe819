import type { TestEvent } from 'node:test/reporters'

/**
 * Writes the counts of one whole run of node's test runner as JSON, so that
 * scripts/test can add up the runs on this machine and in the guest.
 */
// oxlint-disable-next-line import/no-default-export -- what `--test-reporter` takes
export default async function* countsReporter(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type === 'test:summary' && event.data.file === undefined) {
      yield JSON.stringify(event.data.counts)
    }
  }
}
