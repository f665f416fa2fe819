import { readFileSync, watch } from 'node:fs'

/** A file, and the text that it is to have. */
export interface AwaitedText {
  readonly path: string
  readonly text: string
}

/** When the file had its text, which the kernel tells when somebody writes it, by performance.now(). */
export async function untilFileSays(file: AwaitedText): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const look = (): void => {
    if (says(file)) resolve(performance.now())
  }
  const watching = watch(file.path, look)
  look()
  return promise.finally(() => watching.close())
}

const lookMs = 5

/** When the last of many files had its text, looked at every 5 ms, by performance.now(). */
export async function untilFilesSay(files: readonly AwaitedText[]): Promise<number> {
  const left = [...files]
  for (;;) {
    // One look a time, since looking takes time from those who are measured.
    for (let next = left.at(-1); next !== undefined; next = left.at(-1)) {
      if (!says(next)) break
      left.pop()
    }
    if (left.length === 0) return performance.now()
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

function says({ path, text }: AwaitedText): boolean {
  return readFileSync(path, 'utf8').trim() === text
}
