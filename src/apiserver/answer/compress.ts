import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** Bytes; a smaller answer is sent sooner than compressed. As kube-apiserver's. */
export const smallestGzip = 128 * 1024

/** The fastest: most of the gain at a fraction of the time. As kube-apiserver's. */
const level = 1

const compress = promisify(gzip)

/**
 * The body compressed, beside the event loop, where it is large and the client takes gzip;
 * undefined where it is to be sent as it is.
 *
 * @see Kubernetes apiserver/pkg/endpoints/handlers/responsewriters/writers.go
 */
export async function compressed(
  body: string,
  { headers }: Request,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (body.length <= smallestGzip || !takesGzip(headers.get('accept-encoding'))) return undefined
  return compress(body, { level })
}

/** Whether `gzip` is named; a quality, or `*`, counts for as little as in kube-apiserver. */
export function takesGzip(acceptEncoding: string | null): boolean {
  return (acceptEncoding ?? '').split(',').some((token) => token.trim() === 'gzip')
}
