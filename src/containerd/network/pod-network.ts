import { createHash } from 'node:crypto'
import { defaultDataDir } from '../default-data-dir.ts'

/** Eight hexadecimal digits that stand for a data directory in names that must be short. */
export function dataDirTag(dataDir: string): string {
  return createHash('sha256').update(dataDir).digest('hex').slice(0, 8)
}

/** The bridge of the instance in `dataDir`: `podfit0`, or `pf-` and its tag. */
export function bridgeName(dataDir: string): string {
  return dataDir === defaultDataDir ? 'podfit0' : `pf-${dataDirTag(dataDir)}`
}

/**
 * A network for the pods of the instance in `dataDir` that no route of this
 * machine uses: 10.87.0.0/16 for the default directory, else a /24 of
 * 10.64.0.0/11 that the directory's tag picks, or the next free one.
 *
 * @param routes the text of /proc/net/route
 */
export function choosePodCidr(dataDir: string, routes: string): string {
  const taken = destinations(routes)
  const plain = { address: ipv4(10, 87, 0), bits: 16 }
  if (dataDir === defaultDataDir && isFree(plain, taken)) return '10.87.0.0/16'
  const first = Number.parseInt(dataDirTag(dataDir), 16) % 8192
  for (let step = 0; step < 8192; step++) {
    const slot = (first + step) % 8192
    const [high, low] = [64 + (slot >> 8), slot & 255]
    if (high !== 87 && isFree({ address: ipv4(10, high, low), bits: 24 }, taken)) {
      return `10.${high}.${low}.0/24`
    }
  }
  return '10.87.0.0/16'
}

/** Whether pods can have that network: IPv4, no bits set beyond its mask, room for some addresses. */
export function isPodCidr(text: string): boolean {
  const [, ...parts] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text) ?? []
  const [a = 256, b = 256, c = 256, d = 256, bits = 0] = parts.map(Number)
  if (Math.max(a, b, c, d) > 255 || bits < 8 || bits > 29) return false
  return ((ipv4(a, b, c) | d) << bits) >>> 0 === 0
}

/** The first address of a network, which the bridge takes: `10.87.0.1` of `10.87.0.0/16`. */
export function gatewayOf(podCidr: string): string {
  const bytes = podCidr.replace(/\/.*$/, '').split('.')
  return [...bytes.slice(0, 3), Number(bytes[3]) + 1].join('.')
}

interface Network {
  readonly address: number
  readonly bits: number
}

function ipv4(a: number, b: number, c: number): number {
  return ((a << 24) | (b << 16) | (c << 8)) >>> 0
}

function isFree(wanted: Network, taken: readonly Network[]): boolean {
  return taken.every(({ address, bits }) => {
    const common = Math.min(bits, wanted.bits)
    return address >>> (32 - common) !== wanted.address >>> (32 - common)
  })
}

/** Destinations of all routes but the default one. The file has them as little-endian hex. */
function destinations(routes: string): Network[] {
  return routes
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(([, destination = '']) => /^[0-9A-F]{8}$/.test(destination))
    .map(([, destination = '', , , , , , mask = '']) => ({
      address: swapBytes(Number.parseInt(destination, 16)),
      bits: ones(swapBytes(Number.parseInt(mask, 16))),
    }))
    .filter(({ bits }) => bits > 0)
}

function swapBytes(value: number): number {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value)
  return buffer.readUInt32BE()
}

function ones(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length
}
