import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../domain/pod.ts'
import { isNews } from './pod-news.ts'

function pod(cpu: string, generation?: number): Pod {
  return {
    metadata: { name: 'web', ...(generation === undefined ? {} : { generation }) },
    spec: { containers: [{ name: 'main', resources: { limits: { cpu } } }] },
  }
}

describe('isNews', () => {
  it('tells of a pod that was not seen before', () => {
    assert.equal(isNews(undefined, pod('1', 1)), true)
  })

  it('tells of another generation, and of no report of its own', () => {
    assert.equal(isNews(pod('1', 1), pod('2', 2)), true)
    assert.equal(isNews(pod('1', 1), { ...pod('1', 1), status: { phase: 'Running' } }), false)
  })

  it('tells of another size where generations are not counted', () => {
    assert.equal(isNews(pod('1'), pod('2')), true)
    assert.equal(isNews(pod('1'), { ...pod('1'), status: { resize: 'InProgress' } }), false)
  })
})
