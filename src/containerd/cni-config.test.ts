import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCniConfig, networkIn } from './cni-config.ts'

const network = { bridge: 'pf-01234567', podCidr: '10.70.1.0/24', dataDir: '/data/cni' }

test('the network of an earlier start is found again', () => {
  const { bridge, podCidr } = network
  assert.deepEqual(networkIn(formatCniConfig(network)), { bridge, podCidr })
  assert.equal(networkIn('{}'), undefined)
})

test('a name that the kernel would not take is refused', () => {
  for (const bridge of ['', 'sixteen-letters-', 'a b', 'a/b']) {
    assert.throws(() => formatCniConfig({ ...network, bridge }), /must have 1 to 15 letters/)
  }
})
