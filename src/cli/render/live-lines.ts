import { type Sink } from '../terminal.ts'
import { displayWidth } from './table.ts'

/** Lines that change while one watches: redrawn in place, or printed once each. */
export interface LiveLines {
  /** Shows a line under its key. A `final` line does not change any more. */
  set(key: string, line: string, state: 'pending' | 'final'): void
  /** Prints a line above those that may still change. */
  say(line: string): void
  /** Leaves the lines as they are; nothing is redrawn after it. */
  end(): void
}

/** For pipes and logs: each line is printed once, when it is final. */
function printedOnce(sink: Sink): LiveLines {
  const printed = new Set<string>()
  return {
    set(_key, line, state) {
      if (state !== 'final' || printed.has(line)) return
      printed.add(line)
      sink.write(`${line}\n`)
    },
    say(line) {
      sink.write(`${line}\n`)
    },
    end() {},
  }
}

/** Cut to the terminal's width: a line that wraps could not be redrawn. */
function fitted(line: string, columns: number): string {
  if (displayWidth(line) < columns) return line
  let width = 0
  let cut = ''
  // Escape sequences are kept whole, so that a colour that was begun is also ended.
  // oxlint-disable-next-line no-control-regex
  for (const [part] of line.matchAll(/\x1b\[[0-9;]*m|./gu)) {
    if (part.startsWith('\x1b')) cut += part
    else if (width + 1 < columns) {
      cut += part
      width += 1
    }
  }
  return cut
}

function redrawn(sink: Sink): LiveLines {
  const lines = new Map<string, string>()
  let drawn = 0

  function draw(above = ''): void {
    const columns = sink.columns ?? 80
    const back = drawn > 0 ? `\x1b[${drawn}A` : ''
    const text = [...lines.values()].map((line) => `\x1b[2K${fitted(line, columns)}\n`).join('')
    sink.write(`${back}${above === '' ? '' : `\x1b[2K${above}\n`}${text}`)
    drawn = lines.size
  }

  return {
    set(key, line) {
      if (lines.get(key) === line) return
      lines.set(key, line)
      draw()
    },
    say(line) {
      draw(line)
    },
    end() {
      drawn = 0
      lines.clear()
    },
  }
}

/** Redraws on a terminal; prints once where there is none (or a dumb one). */
export function liveLines(
  sink: Sink,
  env: Readonly<Record<string, string | undefined>>,
): LiveLines {
  return sink.isTTY === true && env['TERM'] !== 'dumb' ? redrawn(sink) : printedOnce(sink)
}
