import type { Call } from '../call.ts'
import type { Change } from '../store/store.ts'
import type { Stored } from '../store/stored.ts'

/**
 * The one way for what a call asks for into the store, so that no write begins whose client was
 * told that its time is over.
 *
 * @throws as the store's `write`; StatusError 504 when the call's time is over.
 */
export function writeFor(
  { server, deadline }: Call,
  resource: string,
  key: string,
  change: (latest: Stored | undefined) => Change,
): Promise<Stored | undefined> {
  return server.store.write(resource, key, (latest) => {
    deadline.beginWrite()
    return change(latest)
  })
}
