import { paintFor, type Paint } from '../../src/cli/terminal.ts'
import { renderTable } from '../../src/cli/render/table.ts'

const width = 88

/** What the demo says, and whether everything that it claims held. */
export class Screen {
  readonly paint: Paint = paintFor(process.stdout, process.env)
  readonly #failures: string[] = []
  #broken = false

  /** Proofs that failed so far. */
  get failures(): readonly string[] {
    return this.#failures
  }

  /** What comes now is told on another screen: whoever still writes to this one writes to nobody. */
  breakOff(): void {
    this.#broken = true
  }

  line(text = ''): void {
    if (!this.#broken) process.stdout.write(`${text}\n`)
  }

  title(text: string): void {
    const rule = '─'.repeat(Math.max(2, width - text.length - 4))
    this.line(`\n${this.paint('bold', `── ${text} ${rule}`)}\n`)
  }

  /** A command as a user would type it. */
  command(args: readonly string[]): void {
    const words = args.map((word) => (/^[\w:+./=,-]+$/.test(word) ? word : `'${word}'`))
    this.line(this.paint('bold', `$ podfit ${words.join(' ')}`))
  }

  table(rows: readonly (readonly string[])[]): void {
    this.line(renderTable(rows).trimEnd())
  }

  /** Claims something; the demo fails at its end if any claim does not hold. */
  prove(holds: boolean, claim: string): void {
    if (!holds && !this.#broken) this.#failures.push(claim)
    this.line(holds ? `${this.paint('green', '✓')} ${claim}` : this.paint('red', `✗ ${claim}`))
  }
}
