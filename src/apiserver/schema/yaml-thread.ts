import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { parseYaml, type ParsedYaml } from './parse-yaml.ts'
import { writeYaml } from './write-yaml.ts'

/** YAML is read and written a hundred times slower than JSON: up to this length within some 100 ms. */
export const atOnce = 32 * 1024

/** What the thread is to do: read YAML, or write JSON as YAML. */
export type YamlTask =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'write'; readonly text: string }

/** `why` tells of the characters: `took more than 20 s`. */
export type YamlOutcome<T> =
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'tooSlow'; readonly why: string }

/** Milliseconds that a task may take. */
export interface YamlPatience {
  readonly toWork: number
  /** After this nobody waits for the outcome any more. */
  readonly toWait: number
}

/** 3 MiB of any ordinary document take a fraction of it, and its request may take as long as that. */
const usualPatience: YamlPatience = { toWork: 20_000, toWait: 60_000 }

/** One thread at a time: a flood of large documents waits, and takes no more than one processor. */
let last: Promise<unknown> = Promise.resolve()

/** Does a large task beside the event loop, so that everybody else is answered meanwhile. */
export function inYamlThread(
  task: YamlTask & { readonly kind: 'read' },
  patience?: YamlPatience,
): Promise<YamlOutcome<ParsedYaml>>
export function inYamlThread(
  task: YamlTask & { readonly kind: 'write' },
  patience?: YamlPatience,
): Promise<YamlOutcome<string>>
export function inYamlThread(
  task: YamlTask,
  patience: YamlPatience = usualPatience,
): Promise<YamlOutcome<unknown>> {
  const asked = performance.now()
  const turn = last.then((): Promise<YamlOutcome<unknown>> | YamlOutcome<unknown> => {
    const waited = performance.now() - asked
    return waited > patience.toWait
      ? tooSlow(task, 'waited for others', waited)
      : runInThread(task, patience.toWork)
  })
  last = turn.catch(() => undefined)
  return turn
}

/** @throws Error when the thread ends before it is done: it ran out of memory. */
async function runInThread(task: YamlTask, limitMs: number): Promise<YamlOutcome<unknown>> {
  // This file again: it is the one whose name is known both as source and as compiled.
  const worker = new Worker(new URL(import.meta.url), { workerData: task })
  const limit = AbortSignal.timeout(limitMs)
  try {
    const [result] = (await once(worker, 'message', { signal: limit })) as [unknown]
    return { kind: 'done', result }
  } catch (error) {
    if (limit.aborted) return tooSlow(task, 'took', limitMs)
    throw error
  } finally {
    await worker.terminate()
  }
}

function tooSlow({ text }: YamlTask, what: string, ms: number): YamlOutcome<never> {
  const why = `the ${text.length} characters ${what} more than ${Math.floor(ms / 1000)} s`
  return { kind: 'tooSlow', why }
}

function run(task: YamlTask): unknown {
  switch (task.kind) {
    case 'read':
      return parseYaml(task.text)
    case 'write':
      return writeYaml(task.text)
    default:
      return task satisfies never
  }
}

function isYamlTask(data: unknown): data is YamlTask {
  return typeof data === 'object' && data !== null && 'kind' in data && 'text' in data
}

const task: unknown = workerData
if (!isMainThread && isYamlTask(task)) parentPort?.postMessage(run(task), [])
