import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { parseBody, type BodyFormat, type ParsedBody } from './decode.ts'
import { parseYaml } from './parse-yaml.ts'

/** YAML is read a hundred times slower than JSON: up to this length within some 100 ms. */
const atOnce = 32 * 1024

/** What the thread is given. */
interface YamlTask {
  readonly yaml: string
}

/** Milliseconds that large YAML may take. */
export interface YamlPatience {
  readonly toRead: number
  /** After this nobody waits for what was in it any more. */
  readonly toWait: number
}

/** 3 MiB of any ordinary document are read in a fraction of it, and its request may take as long as that. */
const usualPatience: YamlPatience = { toRead: 20_000, toWait: 60_000 }

/** One thread at a time: a flood of large documents waits, and takes no more than one processor. */
let last: Promise<unknown> = Promise.resolve()

/**
 * As `parseBody`. Large YAML is read by another thread, so that everybody else is answered
 * meanwhile, and refused where that takes too long.
 */
export async function parseAside(
  body: string,
  format: BodyFormat,
  findDuplicates = true,
  patience: YamlPatience = usualPatience,
): Promise<ParsedBody> {
  if (format === 'json' || body.length <= atOnce) return parseBody(body, format, findDuplicates)
  const asked = performance.now()
  const turn = last.then(() => {
    const waited = performance.now() - asked
    if (waited > patience.toWait) return tooSlow(body, 'waited for others', waited)
    return readInThread({ yaml: body }, patience.toRead)
  })
  last = turn.catch(() => undefined)
  return turn
}

/** @throws Error when the thread ends before it has read: it ran out of memory. */
async function readInThread(task: YamlTask, limitMs: number): Promise<ParsedBody> {
  // This file again: it is the one whose name is known both as source and as compiled.
  const worker = new Worker(new URL(import.meta.url), { workerData: task })
  const limit = AbortSignal.timeout(limitMs)
  try {
    const [parsed] = (await once(worker, 'message', { signal: limit })) as [ParsedBody]
    return parsed
  } catch (error) {
    if (limit.aborted) return tooSlow(task.yaml, 'took', limitMs)
    throw error
  } finally {
    await worker.terminate()
  }
}

function tooSlow({ length }: string, what: string, ms: number): ParsedBody {
  const message =
    `error converting YAML to JSON: yaml: the ${length} characters ${what} more than ` +
    `${Math.floor(ms / 1000)} s; send JSON, which is read a hundred times faster`
  return { kind: 'invalid', message }
}

function isYamlTask(data: unknown): data is YamlTask {
  return typeof data === 'object' && data !== null && 'yaml' in data
}

const task: unknown = workerData
if (!isMainThread && isYamlTask(task)) parentPort?.postMessage(parseYaml(task.yaml), [])
