import { setTimeout } from 'node:timers/promises'
import { isCriError } from '../cri/connection/cri-error.ts'
import { createCriRuntime } from '../cri/create-cri-runtime.ts'

/**
 * Waits until the CRI at `endpoint` says that runtime and network are ready.
 *
 * @param ended how the process ended, if it does meanwhile
 * @returns why it will not be ready; undefined when it is
 */
export async function waitReady(
  endpoint: string,
  timeoutMs: number,
  ended: Promise<string> = new Promise(() => {}),
  signal?: AbortSignal,
): Promise<string | undefined> {
  using cri = createCriRuntime({ endpoint })
  const deadline = performance.now() + timeoutMs
  let last = 'no answer'
  while (performance.now() < deadline) {
    try {
      const conditions = await cri.runtimeConditions({ timeoutMs: 2000 })
      const needed = conditions.filter(({ type }) => /^(Runtime|Network)Ready$/.test(type))
      const unmet = needed.filter(({ status }) => !status)
      if (needed.length > 0 && unmet.length === 0) return undefined
      last = unmet.map(({ type, message }) => `${type}: ${message}`).join('; ')
    } catch (error) {
      if (!isCriError(error)) throw error
      if (error.code === 'unimplemented') return 'its CRI plugin did not load'
      last = error.message
    }
    const howItEnded = await Promise.race([ended, setTimeout(5)])
    if (howItEnded !== undefined) return howItEnded
    if (signal?.aborted === true) return 'stopped by a signal'
  }
  return `not ready after ${timeoutMs / 1000} s (${last})`
}
