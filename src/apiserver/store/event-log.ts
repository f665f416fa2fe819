import type { StoreEvent } from './stored.ts'

/** kube-apiserver keeps at least this much history while it may grow. */
const freshMs = 75_000
const smallest = 1024
const largest = 8192

/**
 * The recent changes of one resource, for watchers that resume. At least the
 * last 1024 events or 75 seconds of them, never more than 8192.
 */
export class EventLog {
  #events: StoreEvent[] = []
  #floor: number

  /** `floor` is the resourceVersion before the first event that can be remembered. */
  constructor(floor: number) {
    this.#floor = floor
  }

  add(event: StoreEvent): void {
    this.#events.push(event)
    if (this.#events.length > largest || this.#events.length % smallest === 0) this.#trim(event.at)
  }

  /** The events after `version`, or `undefined` when some of them are forgotten. */
  since(version: number): readonly StoreEvent[] | undefined {
    if (version < this.#floor) return undefined
    return this.#events.slice(this.#firstAfter(version))
  }

  #trim(now: number): void {
    const fresh = this.#events.findIndex((event) => now - event.at < freshMs)
    const surplus = Math.min(this.#events.length - smallest, fresh === -1 ? Infinity : fresh)
    // Half at a time, so that trimming stays cheap per event.
    const overflow = this.#events.length > largest ? largest / 2 : 0
    const drop = Math.max(surplus, overflow)
    if (drop <= 0) return
    this.#floor = this.#events[drop - 1]?.version ?? this.#floor
    this.#events = this.#events.slice(drop)
  }

  #firstAfter(version: number): number {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.version ?? Infinity) > version) high = middle
      else low = middle + 1
    }
    return low
  }
}
