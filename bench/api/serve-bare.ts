import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { loadPki } from '../../src/apiserver/tls/pki.ts'

/** Serves over HTTPS with the keys of the API server on `directory`, and tells its port to who started this process. */
export async function serveBare(directory: string, listener: RequestListener): Promise<void> {
  const { server: own, authority } = await loadPki(join(directory, 'pki'))
  const server = createServer(
    {
      key: own.privateKey,
      cert: own.certificate,
      ca: authority.certificate,
      requestCert: true,
      noDelay: true,
    },
    listener,
  )
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
}
