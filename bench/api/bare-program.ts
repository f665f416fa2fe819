import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { loadPki } from '../../src/apiserver/tls/pki.ts'

/**
 * Answers whatever is asked with the text given, over HTTPS with the keys of the API server on
 * the directory given; tells its port. There is no API and no disk: what Node.js itself takes.
 */
const [directory = '', text = ''] = process.argv.slice(2)
const { server: own, authority } = await loadPki(join(directory, 'pki'))
const headers = {
  'content-type': 'application/json',
  'cache-control': 'no-cache, private',
  'content-length': Buffer.byteLength(text),
}
const server = createServer(
  {
    key: own.privateKey,
    cert: own.certificate,
    ca: authority.certificate,
    requestCert: true,
    noDelay: true,
  },
  (incoming, outgoing) => {
    incoming.resume()
    incoming.on('end', () => outgoing.writeHead(200, headers).end(text))
  },
)
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
