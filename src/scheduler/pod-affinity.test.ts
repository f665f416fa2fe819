import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Affinity, Pod, PodAffinityTerm } from '../domain/pod.ts'
import type { NodeRoom } from './node-room.ts'
import { podAffinityUnfit } from './pod-affinity.ts'

const hostname = 'kubernetes.io/hostname'

function node(name: string, zone: string): NodeRoom {
  const labels = { [hostname]: name, zone }
  return { name, allocatable: {}, labels, taints: [], unschedulable: false }
}

const nodes = [node('a', 'east'), node('b', 'east'), node('c', 'west')]

function pod(app: string, part: Partial<Pod['spec']> = {}, namespace = 'default'): Pod {
  const metadata = { name: app, namespace, uid: `${namespace}/${app}`, labels: { app } }
  return { metadata, spec: { containers: [{ name: 'c' }], ...part } }
}

function term(app: string, rest: Partial<PodAffinityTerm> = {}): PodAffinityTerm {
  return { labelSelector: { matchLabels: { app } }, topologyKey: hostname, ...rest }
}

function near(...terms: readonly PodAffinityTerm[]): { readonly affinity: Affinity } {
  return { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } }
}

function far(...terms: readonly PodAffinityTerm[]): { readonly affinity: Affinity } {
  return {
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
  }
}

/** The names of the nodes where the pod may go, and why it may not elsewhere. */
function places(wanting: Pod, ...placed: readonly Pod[]) {
  const unfits = nodes.map((one) => podAffinityUnfit(wanting, one, { nodes, placed }))
  return {
    fit: nodes
      .filter((_, index) => unfits[index] === undefined)
      .map(({ name }) => name)
      .join(),
    why: [...new Set(unfits.flatMap((unfit) => unfit?.reasons ?? []))].join(),
  }
}

const onB = { nodeName: 'b' }
const noMatch = "node(s) didn't match pod affinity rules"
const tooNear = "node(s) didn't match pod anti-affinity rules"
const disliked = "node(s) didn't satisfy existing pods anti-affinity rules"

describe('a pod that wants others near', () => {
  test('goes to their node, or to one of their zone', () => {
    const web = pod('web', onB)
    assert.deepEqual(places(pod('x', near(term('web'))), web), { fit: 'b', why: noMatch })
    const zone = near(term('web', { topologyKey: 'zone' }))
    assert.deepEqual(places(pod('x', zone), web), { fit: 'a,b', why: noMatch })
  })

  test('goes nowhere without them, unless they are its like', () => {
    assert.equal(places(pod('x', near(term('web')))).fit, '')
    assert.equal(places(pod('web', near(term('web')))).fit, 'a,b,c')
    const rack = near(term('web', { topologyKey: 'rack' }))
    assert.equal(places(pod('web', rack)).fit, '')
  })

  test('means those of its namespace, of those it names, or of all', () => {
    const web = pod('web', onB, 'other')
    assert.equal(places(pod('x', near(term('web'))), web).fit, '')
    assert.equal(places(pod('x', near(term('web', { namespaces: ['other'] }))), web).fit, 'b')
    assert.equal(places(pod('x', near(term('web', { namespaceSelector: {} }))), web).fit, 'b')
  })

  test('needs one place for all that it wants', () => {
    const both = near(term('web'), { ...term(''), labelSelector: {} })
    assert.equal(places(pod('x', both), pod('web', onB), pod('db', { nodeName: 'a' })).fit, 'b')
    assert.equal(places(pod('x', near({ topologyKey: hostname })), pod('web', onB)).fit, '')
  })
})

describe('a pod that wants others far', () => {
  test('goes elsewhere', () => {
    const web = pod('web', onB)
    assert.deepEqual(places(pod('x', far(term('web'))), web), { fit: 'a,c', why: tooNear })
    const zone = far(term('web', { topologyKey: 'zone' }))
    assert.deepEqual(places(pod('x', zone), web), { fit: 'c', why: tooNear })
  })

  test('keeps others away that come later', () => {
    const shy = pod('shy', { ...onB, ...far(term('x')) })
    assert.deepEqual(places(pod('x'), shy), { fit: 'a,c', why: disliked })
    assert.equal(places(pod('y'), shy).fit, 'a,b,c')
  })

  test('is asked by expressions, too', () => {
    const labelSelector = {
      matchExpressions: [
        { key: 'app', operator: 'In', values: ['web', 'db'] },
        { key: 'off', operator: 'DoesNotExist' },
      ],
    }
    const spread = far({ labelSelector, topologyKey: hostname })
    assert.equal(places(pod('x', spread), pod('db', onB)).fit, 'a,c')
    assert.equal(places(pod('x', spread), pod('cache', onB)).fit, 'a,b,c')
  })
})
