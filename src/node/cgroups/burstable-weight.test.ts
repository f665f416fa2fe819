import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '../../domain/pod.ts'
import { burstableWeight } from './burstable-weight.ts'

function asking(cpu: string): PodSpec {
  return { containers: [{ name: 'a', resources: { requests: { cpu } } }] }
}

test('no part of the sum is written before all pods are known', () => {
  const written: number[] = []
  const weight = burstableWeight((total) => written.push(total))
  weight.set('a', asking('1'))
  weight.set('b', asking('2'))
  assert.deepEqual(written, [])
  weight.open()
  weight.set('b', asking('500m'))
  weight.set('b', undefined)
  assert.deepEqual(written, [3000, 1500, 1000])
})

test('a sum that could not be written is written with the next change', () => {
  const written: number[] = []
  let gone = true
  const weight = burstableWeight((total) => {
    if (gone) throw new Error('no such cgroup')
    written.push(total)
  })
  assert.throws(() => weight.open(), /no such cgroup/)
  gone = false
  weight.set('a', asking('1'))
  weight.set('a', asking('1'))
  assert.deepEqual(written, [1000])
})
