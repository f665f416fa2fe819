import { type Sink } from '../terminal.ts'
import { displayWidth } from './table.ts'

export interface LiveLine {
  readonly key: string
  readonly text: string
  /** Whether it does not change any more, as far as is known. */
  readonly final: boolean
}

/** Lines that change while one watches: redrawn in place, or printed once each. */
export interface LiveLines {
  /** Shows all lines as they are now, in this order. */
  show(lines: readonly LiveLine[]): void
  /** Prints a line above those that may still change. */
  say(text: string): void
  /** Takes back the lines that may still change: what they wait for will not come. */
  clear(): void
  /** Leaves the lines, in their full length; nothing is redrawn after it. */
  end(): void
}

/** For pipes and logs: each line is printed once, when it is final; once more if it changes after all. */
function printedOnce(sink: Sink): LiveLines {
  const printed = new Set<string>()
  return {
    show(lines) {
      for (const { key, text, final } of lines) {
        if (!final) printed.delete(key)
        else if (!printed.has(key)) {
          printed.add(key)
          sink.write(`${text}\n`)
        }
      }
    },
    say(text) {
      sink.write(`${text}\n`)
    },
    clear() {},
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
  let shown: readonly string[] = []
  let drawn = 0

  function fit(lines: readonly string[]): readonly string[] {
    return lines.map((line) => fitted(line, sink.columns ?? 80))
  }

  function replace(lines: readonly string[]): void {
    // Everything below is cleared first: what is said above may take several rows.
    const back = drawn > 0 ? `\x1b[${drawn}A\x1b[0J` : ''
    sink.write(`${back}${lines.map((line) => `${line}\n`).join('')}`)
  }

  function draw(above: readonly string[]): void {
    replace([...above, ...fit(shown)])
    drawn = shown.length
  }

  return {
    show(lines) {
      const texts = lines.map(({ text }) => text)
      if (texts.join('\n') === shown.join('\n')) return
      shown = texts
      draw([])
    },
    say(text) {
      draw([text])
    },
    clear() {
      if (drawn > 0) replace([])
      shown = []
      drawn = 0
    },
    end() {
      if (fit(shown).join('\n') !== shown.join('\n')) replace(shown)
      shown = []
      drawn = 0
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
