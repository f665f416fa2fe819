import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodSpec } from '../../pod.ts'
import type { Size } from '../../resources/size.ts'
import { bytes, milliCpu } from '../../units.ts'
import { containerUpdates } from './container-updates.ts'

const mi = (count: number) => bytes(count * 1024 * 1024)

const spec: PodSpec = {
  containers: [
    {
      name: 'a',
      resources: {
        requests: { cpu: '100m', memory: '64Mi' },
        limits: { cpu: '200m', memory: '64Mi' },
      },
      resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
    },
  ],
}

const wanted: Size = {
  cpuRequest: milliCpu(100),
  cpuLimit: milliCpu(200),
  memoryRequest: mi(64),
  memoryLimit: mi(64),
}

function updates(actuated: Size, updating?: Size) {
  const running = { name: 'a', containerId: 'id', actuated, ...(updating && { updating }) }
  return containerUpdates(spec, [running]).map(({ from, restarts }) => ({ from, restarts }))
}

test('a container that was being stopped for a restart is stopped, also if nothing wants it any more', () => {
  for (const restarting of [true, false]) {
    const running = { name: 'a', containerId: 'id', actuated: wanted, restarting }
    const restarts = containerUpdates(spec, [running]).map((update) => update.restarts)
    assert.deepEqual(restarts, restarting ? [true] : [])
  }
})

describe('an update that was begun and not seen to end', () => {
  test('nothing is to be done where none is', () => {
    assert.deepEqual(updates(wanted), [])
  })

  test('it is done again, also if the record has what is wanted: part of it may be applied', () => {
    const other = { ...wanted, cpuLimit: milliCpu(400) }
    assert.deepEqual(updates(wanted, other), [{ from: other, restarts: false }])
    assert.deepEqual(updates(wanted, wanted), [{ from: wanted, restarts: false }])
  })

  test('what the record has otherwise counts first', () => {
    const actuated = { ...wanted, cpuLimit: milliCpu(300) }
    const updating = { ...wanted, cpuLimit: milliCpu(400) }
    assert.deepEqual(updates(actuated, updating), [{ from: actuated, restarts: false }])
  })

  test('of two memory limits the larger one may be in use', () => {
    const updating = { ...wanted, memoryLimit: mi(128) }
    assert.equal(updates(wanted, updating)[0]?.from.memoryLimit, mi(128))
    const actuated = { ...wanted, memoryLimit: mi(256) }
    assert.equal(updates(actuated, updating)[0]?.from.memoryLimit, mi(256))
    const { memoryLimit: _, ...unlimited } = wanted
    assert.equal(updates(unlimited, updating)[0]?.from.memoryLimit, undefined)
  })
})
