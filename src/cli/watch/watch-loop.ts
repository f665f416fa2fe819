import { createBackOff, type BackOffRange } from '../../kube/pause/back-off.ts'
import { CliError } from '../cli-error.ts'
import type { ExitCode } from '../exit-codes.ts'
import { systemClock } from '../system-clock.ts'
import { paintFor, type Terminal } from '../terminal.ts'

/** How fast `--watch` looks, in milliseconds. */
export interface WatchPace {
  /** How often at least: not every change is told. */
  readonly everyMs: number
  /** How often at most, whatever changes. */
  readonly restMs: number
  /** Between looks that fail. */
  readonly backOff: BackOffRange
}

const usualPace: WatchPace = {
  everyMs: 500,
  restMs: 50,
  backOff: { firstMs: 500, maxMs: 10_000 },
}

export interface Look {
  readonly text: string
  readonly exit: ExitCode
  /** Resolves when it is worth to look again before the time, or when the signal aborts. */
  readonly changed?: (signal: AbortSignal) => Promise<void>
}

const clearScreen = '\x1b[H\x1b[2J'

/**
 * Looks again and again until Ctrl-C, or until nobody reads it any more, and shows what changed: in place on a terminal, one
 * text after the other in a pipe. Without `watching` it looks once.
 *
 * The first look has to succeed. When a later one fails (the API server restarts, a pod is
 * made anew), the error is shown below what was seen last, and looking goes on.
 *
 * @returns the exit code of the only or last look.
 * @throws CliError (interrupted) for Ctrl-C while watching; what the first look throws.
 */
export async function shownOnceOr(
  watching: boolean,
  terminal: Terminal,
  look: () => Promise<Look>,
  pace = usualPace,
): Promise<ExitCode> {
  const { stdout, signal } = terminal
  const first = await look()
  if (!watching) {
    stdout.write(first.text)
    return first.exit
  }
  const screen = watchScreen(terminal)
  const backOff = createBackOff(pace.backOff)
  let now: Look | undefined = first
  for (;;) {
    if (now === undefined) await backOff.wait(signal)
    else {
      backOff.reset()
      screen.show(now.text)
      await untilWorthALook(now, pace, signal)
    }
    if (signal.aborted) throw new CliError('interrupted', 'Interrupted')
    if (stdout.isClosed === true) return now?.exit ?? first.exit
    now = await look().catch((error: unknown) => {
      if (!signal.aborted) screen.fail(error instanceof Error ? error.message : String(error))
      return undefined
    })
  }
}

async function untilWorthALook(
  { changed }: Look,
  { everyMs, restMs }: WatchPace,
  signal: AbortSignal,
): Promise<void> {
  const enough = new AbortController()
  const until = AbortSignal.any([signal, enough.signal])
  const changes = changed === undefined ? [] : [changed(until)]
  await systemClock.sleep(restMs, signal)
  await Promise.race([systemClock.sleep(everyMs - restMs, until), ...changes])
  enough.abort()
}

/** What is shown now, on a terminal in place. Nothing is shown twice in a row. */
function watchScreen({ stdout, stderr, env }: Terminal) {
  const clear = stdout.isTTY === true ? clearScreen : ''
  const paint = paintFor(stderr, env)
  let last = ''
  let failure: string | undefined
  return {
    show(text: string): void {
      const isNew = text !== last || (failure !== undefined && clear !== '')
      if (isNew) stdout.write(`${clear}${text}`)
      last = text
      failure = undefined
    },
    fail(message: string): void {
      if (message === failure) return
      failure = message
      if (clear !== '') stdout.write(`${clear}${last}`)
      stderr.write(`${paint('red', `${message}; looking again`)}\n`)
    },
  }
}
