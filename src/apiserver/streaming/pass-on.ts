import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { withoutToken } from './offered-token.ts'

/** Credentials are for this server, not for the one behind it. */
const keptBack: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host'])

/**
 * Joins a client's connection to the streaming server at `url`: the request is
 * replayed there with that path, then every byte is passed both ways. The
 * client never notices that it speaks to the container runtime.
 */
export function passOn(incoming: IncomingMessage, client: Duplex, head: Buffer, url: URL): Socket {
  const upstream = connect({ host: url.hostname, port: Number(url.port || 80), noDelay: true })
  upstream.once('connect', () => {
    upstream.write(requestHead(incoming, url))
    if (head.length > 0) upstream.write(head)
    upstream.pipe(client)
    client.pipe(upstream)
  })
  upstream.on('error', () => client.destroy())
  upstream.on('close', () => client.end())
  client.on('error', () => upstream.destroy())
  client.on('close', () => upstream.destroy())
  return upstream
}

function requestHead(incoming: IncomingMessage, url: URL): string {
  const lines = [`${incoming.method} ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`]
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    const name = incoming.rawHeaders[i] as string
    const value = incoming.rawHeaders[i + 1] as string
    const isOffer = name.toLowerCase() === 'sec-websocket-protocol'
    if (keptBack.has(name.toLowerCase())) continue
    lines.push(`${name}: ${isOffer ? withoutToken(value) : value}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}
