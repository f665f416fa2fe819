import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCniConfig, networkIn } from './cni-config.ts'

const network = {
  bridge: 'pf-01234567',
  podCidr: '10.70.1.0/24',
  dataDir: '/data/cni',
  mapsPorts: false,
}

test('the network of an earlier start is found again', () => {
  const { bridge, podCidr } = network
  assert.deepEqual(networkIn(formatCniConfig(network)), { bridge, podCidr })
  assert.equal(networkIn('{}'), undefined)
})

test('ports are mapped only where that is wanted', () => {
  const types = (json: string) =>
    (JSON.parse(json) as { plugins: { type: string }[] }).plugins.map(({ type }) => type)
  assert.deepEqual(types(formatCniConfig(network)), ['bridge'])
  assert.deepEqual(types(formatCniConfig({ ...network, mapsPorts: true })), ['bridge', 'portmap'])
})

test('a name that the kernel would not take is refused', () => {
  for (const bridge of ['', 'sixteen-letters-', 'a b', 'a/b']) {
    assert.throws(() => formatCniConfig({ ...network, bridge }), /must have 1 to 15 letters/)
  }
})
