import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type LogOptions, readContainerLog } from './container-log.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-log-'))
after(() => rmSync(directory, { recursive: true }))

const entries = [
  '2026-01-01T00:00:01.000000001Z stdout F one',
  '2026-01-01T00:00:02.000000001Z stderr P two ',
  '2026-01-01T00:00:03.000000001Z stderr F and a half',
  '2026-01-01T00:00:04.000000001Z stdout F three',
]
const file = join(directory, '0.log')
writeFileSync(file, `${entries.join('\n')}\n2026-01-01T00:00:05.0Z stdout F not yet wri`)

async function read(options: LogOptions): Promise<string> {
  const parts = await Array.fromAsync(
    readContainerLog(file, options, () => true, AbortSignal.timeout(30_000)),
  )
  return parts.join('')
}

for (const [title, options, expected] of [
  ['all', {}, 'one\ntwo and a half\nthree\n'],
  ['the last line', { tailLines: 1 }, 'three\n'],
  ['the last two lines, one in parts', { tailLines: 2 }, 'two and a half\nthree\n'],
  ['no lines', { tailLines: 0 }, ''],
  ['more than there are', { tailLines: 9 }, 'one\ntwo and a half\nthree\n'],
  ['since a time', { sinceTime: new Date('2026-01-01T00:00:04Z') }, 'three\n'],
  ['bytes', { limitBytes: 6 }, 'one\ntw'],
] as const) {
  test(`reads ${title}`, async () => {
    assert.equal(await read(options), expected)
  })
}

test('timestamps stand before the text', async () => {
  assert.equal(
    await read({ timestamps: true, tailLines: 1 }),
    '2026-01-01T00:00:04.000000001Z three\n',
  )
})

test('timestamps have nine digits, and stand once before a line in parts', async () => {
  const file = join(directory, 'times.log')
  const entries = [
    '2026-01-01T00:00:02.5+01:00 stdout P in ',
    '2026-01-01T00:00:03.25Z stdout F parts',
    '2026-01-01T00:00:04Z stdout F whole',
  ]
  writeFileSync(file, `${entries.join('\n')}\n`)
  const { signal } = new AbortController()
  const read = readContainerLog(file, { timestamps: true }, () => true, signal)
  assert.equal(
    (await Array.fromAsync(read)).join(''),
    '2026-01-01T00:00:02.500000000+01:00 in parts\n2026-01-01T00:00:04.000000000Z whole\n',
  )
})

test('follows until the container has ended and everything is read', async () => {
  let over = false
  const parts: string[] = []
  const signal = AbortSignal.timeout(30_000)
  const options = { follow: true, tailLines: 1 }
  for await (const part of readContainerLog(file, options, () => over, signal)) {
    parts.push(part)
    // Later, when it waits for more.
    if (part !== 'three\n') continue
    setTimeout(() => {
      appendFileSync(file, 'tten\n2026-01-01T00:00:06.0Z stdout F last\n')
      over = true
    }, 50)
  }
  assert.equal(parts.join(''), 'three\nnot yet written\nlast\n')
})

test('follows over rotations: to the end of the old file, and then in the new one', async () => {
  const file = join(directory, 'rotated.log')
  const line = (text: string) => `2026-01-01T00:00:00Z stdout F ${text}\n`
  let over = false
  // Each when the one before was shown: by then it waits for more.
  const next: Record<string, () => void> = {
    'one\n': () => {
      renameSync(file, `${file}.1`)
      appendFileSync(`${file}.1`, line('two, by who had it open'))
      writeFileSync(file, '')
    },
    'two, by who had it open\n': () => {
      appendFileSync(`${file}.1`, line('three'))
      appendFileSync(file, line('four'))
    },
    'four\n': () => {
      renameSync(file, `${file}.2`)
      writeFileSync(file, line('five'))
      over = true
    },
  }
  writeFileSync(file, line('one'))
  const parts: string[] = []
  const signal = AbortSignal.timeout(30_000)
  for await (const part of readContainerLog(file, { follow: true }, () => over, signal)) {
    parts.push(part)
    const then = next[part]
    if (then !== undefined) setTimeout(then, 20)
  }
  assert.equal(parts.join(''), 'one\ntwo, by who had it open\nthree\nfour\nfive\n')
  const again = readContainerLog(file, {}, () => true, signal)
  assert.deepEqual(await Array.fromAsync(again), ['five\n'], 'without following')
})

test('the last lines of a large file, whose entries lie across the parts that are read', async () => {
  const large = join(directory, 'large.log')
  const line = (index: number) => `2026-01-01T00:00:00Z stdout F ${index} ${'x'.repeat(5000)}\n`
  writeFileSync(large, Array.from({ length: 400 }, (_, index) => line(index)).join(''))
  const numbers = async (options: LogOptions) => {
    const parts = readContainerLog(large, options, () => true, AbortSignal.timeout(30_000))
    return (await Array.fromAsync(parts)).map((text) => Number.parseInt(text, 10))
  }
  const from = (first: number) => Array.from({ length: 400 - first }, (_, index) => first + index)
  assert.deepEqual(await numbers({}), from(0))
  for (const tailLines of [1, 51, 52, 53, 105, 399, 400, 401]) {
    assert.deepEqual(await numbers({ tailLines }), from(Math.max(0, 400 - tailLines)))
  }
})

test('an entry that is longer than what is read at once', async () => {
  const long = join(directory, 'long.log')
  const text = 'y'.repeat(700_000)
  writeFileSync(long, `2026-01-01T00:00:00Z stdout F ${text}\n2026-01-01T00:00:00Z stdout F end\n`)
  const all = (options: LogOptions) =>
    Array.fromAsync(readContainerLog(long, options, () => true, AbortSignal.timeout(30_000)))
  assert.deepEqual(await all({}), [`${text}\n`, 'end\n'])
  assert.deepEqual(await all({ tailLines: 1 }), ['end\n'])
  assert.deepEqual(await all({ tailLines: 2 }), [`${text}\n`, 'end\n'])
})
