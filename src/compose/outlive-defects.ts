import type { Log } from './log.ts'

/** A process that meets more than this in a minute does nothing else, and would fill the disk. */
const mostAMinute = 60
const minuteMs = 60_000

export interface Outliving {
  readonly log: Pick<Log, 'warn'>
  /** Told in one line. */
  readonly tell: (line: string) => void
  /** Ends the process when there are too many. @default process.exit(1) */
  readonly end?: () => void
}

/**
 * What becomes of an error that nobody caught, which is a defect of podfit: it is logged
 * and told, and the process goes on. This is the one place that decides so.
 *
 * Node.js would end the process, which helps where somebody starts it again. Nobody does
 * here: one lost task, or one broken connection, would take the API and the node with it.
 * And going on does not make false promises: a write is acknowledged by the disk only, and
 * the node decides from what it reads anew each time. An error while a request is answered
 * has always been handled so (500, and the log). Only a process that meets one after the
 * other ends; its pods go on, as at kill -9.
 *
 * @returns ends this: Node.js has its own way again
 */
export function outliveDefects({ log, tell, end = () => process.exit(1) }: Outliving): Disposable {
  let recent: number[] = []
  const outlive = (error: unknown): void => {
    const now = Date.now()
    recent = [...recent.filter((at) => now - at < minuteMs), now]
    log.warn('A defect of podfit: nobody caught this error', error)
    const why = error instanceof Error ? error.message : String(error)
    if (recent.length <= mostAMinute)
      return tell(`podfit met a defect of its own and goes on: ${why}`)
    tell(`podfit ends: more than ${mostAMinute} defects in a minute, the last one: ${why}`)
    end()
  }
  process.on('uncaughtException', outlive)
  process.on('unhandledRejection', outlive)
  return {
    [Symbol.dispose]() {
      process.off('uncaughtException', outlive)
      process.off('unhandledRejection', outlive)
    },
  }
}
