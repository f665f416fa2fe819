import { destination, pino } from 'pino'

/** The log of a podfit that runs: constant messages, the particulars beside them. */
export interface Log {
  info(message: string): void
  warn(message: string, error: unknown): void
}

/** Lines of JSON, appended to `file`. */
export function openLog(file: string): Log {
  const lines = destination({ dest: file, sync: true, append: true, mode: 0o600 })
  // Whatever is logged matters less than the work: a full disk must not end it.
  lines.on('error', () => {})
  const logger = pino({ base: null }, lines)
  return {
    info: (message) => logger.info(message),
    warn: (message, error) => logger.warn({ err: error }, message),
  }
}
