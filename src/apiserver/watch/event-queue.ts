/** Makes a line when it is about to be sent: the objects that a watch begins with are kept unprinted. */
export type LazyLine = () => Uint8Array

/**
 * Why nothing more is taken: the server ended the stream, after what is waiting; it cut off a
 * reader that let too much wait; or the reader went away.
 */
export type QueueEnd = 'ended' | 'cutOff' | 'cancelled'

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
  readonly #onEnd: (how: QueueEnd) => void
  /** Not counted against the bound: references to objects that exist anyway. */
  #initial: readonly LazyLine[] = []
  #sentInitial = 0
  #live: Uint8Array[] = []
  #liveBytes = 0
  /** Set while the reader is asking. */
  #asking: ReadableStreamDefaultController<Uint8Array> | undefined
  #resume: (() => void) | undefined
  #close: () => void = () => undefined
  #state: 'open' | 'ending' | 'closed' = 'open'

  /** `initial` is sent first. `onEnd` is called once, as soon as nothing more is taken. */
  constructor(initial: readonly LazyLine[], onEnd: (how: QueueEnd) => void) {
    this.#initial = initial
    this.#onEnd = onEnd
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#close = () => controller.close()
        },
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#drop('cancelled'),
      },
      { highWaterMark: 0 },
    )
  }

  /** Adds a line. Cuts the reader off when too much is waiting. */
  push(line: Uint8Array): void {
    if (this.#state !== 'open') return
    this.#live.push(line)
    this.#liveBytes += line.byteLength
    if (this.#live.length > mostLines || this.#liveBytes > mostBytes) this.cutOff()
    else this.#send()
  }

  /** Ends the stream after what is waiting. */
  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#onEnd('ended')
    this.#send()
  }

  /** Ends the stream now; what is waiting is lost. */
  cutOff(): void {
    if (this.#state === 'closed') return
    this.#drop('cutOff')
    this.#close()
    this.#answered()
  }

  #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> | void {
    this.#asking = controller
    this.#send()
    // Still here: nothing was waiting. The stream asks again once this resolves.
    if (this.#asking !== undefined) {
      return new Promise((resolve) => {
        this.#resume = resolve
      })
    }
  }

  /** Hands the reader what is waiting, if it is asking. */
  #send(): void {
    const controller = this.#asking
    if (controller === undefined) return
    const chunk = this.#take()
    if (chunk === undefined) {
      if (this.#state === 'open') return
      this.#state = 'closed'
      controller.close()
    } else {
      controller.enqueue(chunk)
    }
    this.#answered()
  }

  #answered(): void {
    this.#asking = undefined
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

  #drop(how: QueueEnd): void {
    const was = this.#state
    this.#state = 'closed'
    this.#initial = []
    this.#live = []
    if (was === 'open') this.#onEnd(how)
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
