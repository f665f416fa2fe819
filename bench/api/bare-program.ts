import { serveBare } from './serve-bare.ts'

/**
 * Answers whatever is asked with the text given, over HTTPS with the keys of the API server on
 * the directory given; tells its port. There is no API and no disk: what Node.js itself takes.
 */
const [directory = '', text = ''] = process.argv.slice(2)
const headers = {
  'content-type': 'application/json',
  'cache-control': 'no-cache, private',
  'content-length': Buffer.byteLength(text),
}
await serveBare(directory, (incoming, outgoing) => {
  incoming.resume()
  incoming.on('end', () => outgoing.writeHead(200, headers).end(text))
})
