import { timerSpan } from '../../domain/timer-span.ts'
import type { Call, KubeClient } from '../client/kube-client.ts'
import { isKubeError } from '../client/kube-error.ts'
import type { KubeObject } from '../object/kube-object.ts'
import type { ObjectAddress } from '../object/paths.ts'
import type { KubeResource } from '../object/resource.ts'
import { createBackOff, type BackOff } from '../pause/back-off.ts'
import { pause } from '../pause/pause.ts'

export interface WaitOptions extends Call {
  readonly timeoutMs: number
}

/** How a wait ended. `object` is the last state seen, `undefined` when there is no such object. */
export type WaitResult<T> =
  | { readonly kind: 'met'; readonly object: T | undefined }
  | { readonly kind: 'timedOut'; readonly object: T | undefined }

/** Between looks at an object that may be read but not watched. */
const pollMs = 1000

type Watcher = Pick<KubeClient, 'get' | 'watch'>

async function getIfThere<T extends KubeObject>(
  client: Watcher,
  resource: KubeResource<T>,
  address: ObjectAddress,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await client.get(resource, address, { signal })
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined
    throw error
  }
}

/** Whether to look again after `error`; who may get but not watch looks every second. */
async function waitAfter(error: unknown, backOff: BackOff, signal: AbortSignal): Promise<boolean> {
  if (!isKubeError(error)) return false
  if (error.code === 403) await pause(pollMs, signal)
  else if (error.retry === 'soon') await backOff.wait(signal)
  else return false
  return true
}

/**
 * Each state of one object from now on, `undefined` while there is none: one get, then a
 * watch; again from the get whenever the watch ends or breaks. Ends when `signal` aborts.
 */
export async function* statesOf<T extends KubeObject>(
  client: Watcher,
  resource: KubeResource<T>,
  address: ObjectAddress,
  signal: AbortSignal,
): AsyncGenerator<T | undefined> {
  const { namespace, name } = address
  const backOff = createBackOff({ firstMs: 250, maxMs: 5000 })
  const isOver = () => signal.aborted
  while (!isOver()) {
    let object: T | undefined
    try {
      object = await getIfThere(client, resource, { namespace, name }, signal)
    } catch (error) {
      if (isOver()) return
      if (!isKubeError(error) || error.retry !== 'soon') throw error
      await backOff.wait(signal)
      continue
    }
    yield object
    try {
      const { resourceVersion } = object?.metadata ?? {}
      const fieldSelector = `metadata.name=${name}`
      const options = { namespace, fieldSelector, resourceVersion, signal }
      for await (const event of client.watch(resource, options)) {
        backOff.reset()
        if (event.type !== 'BOOKMARK') yield event.type === 'DELETED' ? undefined : event.object
      }
      await backOff.wait(signal)
    } catch (error) {
      if (!isOver() && !(await waitAfter(error, backOff, signal))) throw error
    }
  }
}

/**
 * Waits until `isMet` holds for an object, which is `undefined` while there is none.
 *
 * @throws KubeError if the object may not be read, the reason of `signal` if it aborts.
 */
export async function waitFor<T extends KubeObject>(
  client: Watcher,
  resource: KubeResource<T>,
  address: ObjectAddress,
  isMet: (object: T | undefined) => boolean,
  { timeoutMs, signal }: WaitOptions,
): Promise<WaitResult<T>> {
  const deadline = AbortSignal.timeout(timerSpan(timeoutMs))
  const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  let last: T | undefined
  for await (const object of statesOf(client, resource, address, either)) {
    last = object
    if (isMet(object)) return { kind: 'met', object }
  }
  signal?.throwIfAborted()
  return { kind: 'timedOut', object: last }
}
