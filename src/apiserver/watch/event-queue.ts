/** Makes a line when it is about to be sent: the objects that a watch begins with are kept unprinted. */
export type LazyLine = () => Uint8Array

/** A reader that lets more than this pile up is cut off; it can resume where it was. */
const mostLines = 8192
const mostBytes = 32 * 1024 * 1024
/** Lines that wait together are sent together, up to about this size. */
const chunkSize = 64 * 1024

/**
 * A stream of lines that is filled from one side and read at the reader's pace.
 * Bounded: a slow reader costs memory up to the bound and then its connection,
 * never anybody else's time.
 */
export class EventQueue {
  readonly stream: ReadableStream<Uint8Array>
  readonly #onEnd: () => void
  /** Not counted against the bound: references to objects that exist anyway. */
  #initial: readonly LazyLine[] = []
  #sentInitial = 0
  #live: Uint8Array[] = []
  #liveBytes = 0
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #resume: (() => void) | undefined
  #state: 'open' | 'ending' | 'ended' = 'open'

  /** `initial` is sent first. `onEnd` is called once: all was read, or the reader is gone. */
  constructor(initial: readonly LazyLine[], onEnd: () => void) {
    this.#initial = initial
    this.#onEnd = onEnd
    this.stream = new ReadableStream<Uint8Array>(
      { pull: (controller) => this.#pull(controller), cancel: () => this.#finish() },
      { highWaterMark: 0 },
    )
  }

  /** Adds a line. Cuts the reader off when too much is waiting. */
  push(line: Uint8Array): void {
    if (this.#state !== 'open') return
    this.#live.push(line)
    this.#liveBytes += line.byteLength
    if (this.#live.length > mostLines || this.#liveBytes > mostBytes) {
      this.#initial = []
      this.#live = []
      this.end()
    } else {
      this.#send()
    }
  }

  /** Ends the stream after what is waiting. */
  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#send()
  }

  #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> | void {
    this.#controller = controller
    this.#send()
    // Still here: nothing was waiting. The stream asks again once this resolves.
    if (this.#controller !== undefined && this.#state !== 'ended') {
      return new Promise((resolve) => {
        this.#resume = resolve
      })
    }
  }

  /** Hands the reader what is waiting, if it is asking. */
  #send(): void {
    const controller = this.#controller
    if (controller === undefined) return
    const chunk = this.#take()
    if (chunk === undefined && this.#state === 'open') return
    this.#controller = undefined
    if (chunk === undefined) {
      controller.close()
      this.#finish()
    } else {
      controller.enqueue(chunk)
    }
    this.#resume?.()
    this.#resume = undefined
  }

  #take(): Uint8Array | undefined {
    const lines: Uint8Array[] = []
    let size = 0
    while (size < chunkSize && this.#sentInitial < this.#initial.length) {
      const line = (this.#initial[this.#sentInitial] as LazyLine)()
      this.#sentInitial += 1
      lines.push(line)
      size += line.byteLength
    }
    if (this.#sentInitial >= this.#initial.length) this.#initial = []
    if (this.#initial.length === 0) {
      this.#sentInitial = 0
      const count = countWithin(this.#live, chunkSize - size)
      for (const line of this.#live.splice(0, count)) {
        this.#liveBytes -= line.byteLength
        lines.push(line)
      }
    }
    return lines.length <= 1 ? lines[0] : Buffer.concat(lines)
  }

  #finish(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#initial = []
    this.#live = []
    this.#onEnd()
  }
}

/** How many of the first lines fit into `room`, but one at least if there is any room. */
function countWithin(lines: readonly Uint8Array[], room: number): number {
  let count = 0
  let left = room
  while (left > 0 && count < lines.length) {
    left -= (lines[count] as Uint8Array).byteLength
    count += 1
  }
  return count
}
