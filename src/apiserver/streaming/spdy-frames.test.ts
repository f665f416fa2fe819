import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, inflateSync } from 'node:zlib'
import { FrameReader, openStream, pong, streamData } from './spdy-frames.ts'

describe('SPDY frames', () => {
  it('open streams with headers that are one zlib stream', () => {
    const frames = [
      openStream(1, { streamtype: 'error' }, true),
      openStream(3, { streamtype: 'stdin', requestid: '0' }, false),
    ]
    const blocks = frames.map((frame) => frame.subarray(18))
    assert.deepEqual(
      frames.map((frame) => [frame.readUInt32BE(), frame.readUIntBE(5, 3), frame.readUInt32BE(8)]),
      [
        [0x80030001, frames[0]!.byteLength - 8, 1],
        [0x80030001, frames[1]!.byteLength - 8, 3],
      ],
    )
    const text = inflateSync(Buffer.concat(blocks), { finishFlush: constants.Z_SYNC_FLUSH })
    const pair = (name: string, value: string) =>
      `\0\0\0${String.fromCharCode(name.length)}${name}\0\0\0${String.fromCharCode(value.length)}${value}`
    assert.equal(
      text.toString('latin1'),
      `\0\0\0\u0001${pair('streamtype', 'error')}` +
        `\0\0\0\u0002${pair('streamtype', 'stdin')}${pair('requestid', '0')}`,
    )
  })

  it('are read however they are cut', () => {
    const ping = Buffer.from([0, 0, 0, 7])
    const all = Buffer.concat([
      streamData(5, Buffer.from('hello')),
      pong(ping),
      openStream(7, { a: 'b' }, true),
      streamData(5, Buffer.alloc(0), true),
      Buffer.from([0x80, 3, 0, 7, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]),
    ])
    for (const size of [1, 3, 8, 11, all.byteLength]) {
      const reader = new FrameReader()
      const frames = []
      for (let at = 0; at < all.byteLength; at += size) {
        frames.push(...reader.read(all.subarray(at, at + size)))
      }
      assert.deepEqual(
        frames.map((frame) => ('bytes' in frame ? { ...frame, bytes: [...frame.bytes] } : frame)),
        [
          { kind: 'data', stream: 5, bytes: [...Buffer.from('hello')], end: false },
          { kind: 'ping', bytes: [...ping] },
          { kind: 'other' },
          { kind: 'data', stream: 5, bytes: [], end: true },
          { kind: 'goAway' },
        ],
      )
    }
  })
})
