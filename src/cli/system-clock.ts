import { setTimeout } from 'node:timers/promises'
import { timerSpan } from '../domain/timer-span.ts'
import { type Clock } from '../operate/clock.ts'

export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    // A wait that was cut short is over, that is all.
    await setTimeout(timerSpan(ms), undefined, { signal }).catch(() => undefined)
  },
}
