import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Container, PodSpec } from '../pod.ts'
import { limitsStorage, storageExcess } from './storage-limits.ts'

const mebi = 1024 * 1024

function container(name: string, limit?: string): Container {
  return limit === undefined
    ? { name }
    : { name, resources: { limits: { 'ephemeral-storage': limit } } }
}

function excess(
  spec: PodSpec,
  volumes: Readonly<Record<string, number>>,
  containers: Readonly<Record<string, number>> = {},
): string | undefined {
  return storageExcess(spec, {
    volumes: new Map(Object.entries(volumes)),
    containers: new Map(Object.entries(containers)),
  })
}

describe('a pod may fill the disk', () => {
  const cache = (part: object): PodSpec => ({
    containers: [container('a')],
    volumes: [{ name: 'cache', emptyDir: part }],
  })

  test('up to the limit of a volume', () => {
    const spec = cache({ sizeLimit: '10Mi' })
    assert.equal(limitsStorage(spec), true)
    assert.equal(excess(spec, { cache: 10 * mebi }), undefined)
    assert.equal(
      excess(spec, { cache: 10 * mebi + 1 }),
      'Usage of EmptyDir volume "cache" exceeds the limit "10Mi". ',
    )
  })

  test('without end if nothing is limited, or in memory', () => {
    for (const part of [{}, { sizeLimit: '0' }, { sizeLimit: '1Mi', medium: 'Memory' }]) {
      assert.equal(limitsStorage(cache(part)), false)
    }
  })

  test('up to the limit of a container, and of all together', () => {
    const spec: PodSpec = {
      containers: [container('a', '10Mi'), container('b', '20Mi')],
      volumes: [{ name: 'cache', emptyDir: {} }],
    }
    assert.equal(limitsStorage(spec), true)
    assert.equal(excess(spec, { cache: 10 * mebi }, { a: 10 * mebi, b: 10 * mebi }), undefined)
    assert.equal(
      excess(spec, { cache: 11 * mebi }, { a: 10 * mebi, b: 10 * mebi }),
      'Pod ephemeral local storage usage exceeds the total limit of containers 30Mi. ',
    )
    assert.equal(
      excess(spec, {}, { a: 11 * mebi }),
      'Container a exceeded its local ephemeral storage limit "10Mi". ',
    )
  })
})
