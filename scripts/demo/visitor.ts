import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from '../../src/domain/pod.ts'

/** What a client of the web pod saw while something was done to it. */
export interface Visit {
  readonly answers: number
  readonly failures: readonly string[]
  readonly first: number
  readonly last: number
  /** Whether the process inside ever began to count anew. */
  readonly wentBack: boolean
}

const pauseMs = 20
/** Before and after what is done, so that there is something to compare it with. */
const aroundMs = 300
/** An answer that takes longer counts as missed. */
const answerMs = 30_000

async function count(url: string): Promise<number> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(answerMs) })
  const text = await answer.text()
  const number = Number(text)
  if (!answer.ok || !(number > 0)) throw new Error(`${url} answered ${answer.status} '${text}'`)
  return number
}

function countUrl({ status }: Pod): string {
  return `http://${status?.podIP}:8080/count`
}

/** Waits until the server answers for the first time. */
export async function serving(pod: Pod): Promise<void> {
  const deadline = performance.now() + answerMs
  for (;;) {
    try {
      await count(countUrl(pod))
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(pauseMs)
    }
  }
}

/** Asks the web pod for its counter again and again, until `act` is done. */
export async function visiting<T>(pod: Pod, act: () => Promise<T>): Promise<[T, Visit]> {
  const numbers: number[] = []
  const failures: string[] = []
  const url = countUrl(pod)
  const ask = () =>
    count(url).then(
      (number) => numbers.push(number),
      (error: unknown) => failures.push(error instanceof Error ? error.message : String(error)),
    )
  const over = new AbortController()
  const asking = (async () => {
    while (!over.signal.aborted) {
      await ask()
      await sleep(pauseMs)
    }
  })()
  try {
    await ask()
    await sleep(aroundMs)
    const result = await act()
    await sleep(aroundMs)
    over.abort()
    await asking
    await ask()
    return [result, summary(numbers, failures)]
  } finally {
    over.abort()
  }
}

function summary(numbers: readonly number[], failures: readonly string[]): Visit {
  return {
    answers: numbers.length,
    failures,
    first: numbers.at(0) ?? 0,
    last: numbers.at(-1) ?? 0,
    wentBack: (numbers.at(-1) ?? 0) <= (numbers.at(0) ?? 0),
  }
}
