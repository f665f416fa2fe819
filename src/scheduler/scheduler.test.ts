import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import type { Pod } from '../domain/pod.ts'
import type { NodeRoom } from './fit.ts'
import { Scheduler } from './scheduler.ts'

const node: NodeRoom = {
  name: 'n1',
  allocatable: { cpu: '1', memory: '1Gi', pods: '3' },
  labels: { disk: 'ssd' },
  unschedulable: false,
}

function pod(name: string, cpu: string, part: Partial<Pod['spec']> = {}, createdAt = '1'): Pod {
  return {
    metadata: { name, namespace: 'default', uid: name, creationTimestamp: createdAt },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }], ...part },
  }
}

/** Runs the scheduler once over `pods` and tells what it asked of the API. */
async function schedule(pods: Pod[], nodes = [node]): Promise<string[]> {
  const asked: string[] = []
  const scheduler = new Scheduler({
    api: {
      create: async (path) => void asked.push(`bind ${path.split('/')[6]}`),
      patch: async (path, _, patch) => {
        const { status } = patch as { status: { conditions: [{ message: string }] } }
        asked.push(`${path.split('/')[6]}: ${status.conditions[0].message}`)
      },
    },
    nodes: () => nodes,
    pods: () => pods,
    event: () => {},
    onError: (_, error) => assert.fail(error as Error),
  })
  scheduler.changed()
  await turn()
  await turn()
  return asked
}

test('a pod that fits is bound', async () => {
  assert.deepEqual(await schedule([pod('a', '1')]), ['bind a'])
})

test('pods bound in one pass take room from each other', async () => {
  assert.deepEqual(await schedule([pod('a', '600m'), pod('b', '600m')]), [
    'bind a',
    'b: 0/1 nodes are available: 1 Insufficient cpu.',
  ])
})

test('higher priority goes first, then age', async () => {
  const pods = [
    pod('young', '400m', {}, '3'),
    pod('old', '400m', {}, '1'),
    pod('vip', '400m', { priority: 10 }, '9'),
  ]
  assert.deepEqual(await schedule(pods), [
    'bind vip',
    'bind old',
    'young: 0/1 nodes are available: 1 Insufficient cpu.',
  ])
})

test('every reason of every node is told', async () => {
  const cordoned = { ...node, name: 'n2', unschedulable: true }
  const big = pod('big', '2', {}, '1')
  assert.deepEqual(await schedule([big], [node, cordoned]), [
    'big: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.',
  ])
  const picky = pod('picky', '1', { nodeSelector: { disk: 'hdd' } })
  assert.deepEqual(await schedule([picky]), [
    "picky: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
  ])
  assert.deepEqual(await schedule([picky], []), ['picky: no nodes available to schedule pods'])
})

test('pods that are placed, ended or going are left alone', async () => {
  const placed = pod('placed', '1', { nodeName: 'n1' })
  const ended = { ...pod('ended', '1'), status: { phase: 'Succeeded' } }
  const going = pod('going', '1')
  const leaving = { ...going, metadata: { ...going.metadata, deletionTimestamp: 'now' } }
  assert.deepEqual(await schedule([placed, ended, leaving]), [])
})
