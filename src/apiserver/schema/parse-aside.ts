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

/** One thread at a time: a flood of large documents waits, and takes no more than one processor. */
let last: Promise<unknown> = Promise.resolve()

/**
 * As `parseBody`. Large YAML is read by another thread, so that everybody else is answered
 * meanwhile.
 */
export async function parseAside(
  body: string,
  format: BodyFormat,
  findDuplicates = true,
): Promise<ParsedBody> {
  if (format === 'json' || body.length <= atOnce) return parseBody(body, format, findDuplicates)
  const turn = last.then(() => readInThread({ yaml: body }))
  last = turn.catch(() => undefined)
  return turn
}

/** @throws Error when the thread ends before it has read: it ran out of memory. */
async function readInThread(task: YamlTask): Promise<ParsedBody> {
  // This file again: it is the one whose name is known both as source and as compiled.
  const worker = new Worker(new URL(import.meta.url), { workerData: task })
  try {
    const [parsed] = (await once(worker, 'message')) as [ParsedBody]
    return parsed
  } finally {
    await worker.terminate()
  }
}

function isYamlTask(data: unknown): data is YamlTask {
  return typeof data === 'object' && data !== null && 'yaml' in data
}

const task: unknown = workerData
if (!isMainThread && isYamlTask(task)) parentPort?.postMessage(parseYaml(task.yaml), [])
