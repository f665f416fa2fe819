import { destination, pino } from 'pino'

/** The log of a podfit that runs: constant messages, the particulars beside them. */
export interface Log {
  info(message: string): void
  warn(message: string, error: unknown): void
}

/** Lines of JSON, appended to `file`. */
export function openLog(file: string): Log {
  const logger = pino(
    { base: null },
    destination({ dest: file, sync: true, append: true, mode: 0o600 }),
  )
  return {
    info: (message) => logger.info(message),
    warn: (message, error) => logger.warn({ err: error }, message),
  }
}
