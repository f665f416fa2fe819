import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withPodNetworks } from './pod-networks.ts'

const [v4, other, v6] = ['10.0.0.0/24', '10.0.1.0/24', 'fd00::/64']

const cases = [
  [{}, {}],
  [{ podCIDR: v4 }, { podCIDR: v4, podCIDRs: [v4] }],
  [{ podCIDRs: [v4, v6] }, { podCIDR: v4, podCIDRs: [v4, v6] }],
  [
    { podCIDR: v4, podCIDRs: [v4, v6] },
    { podCIDR: v4, podCIDRs: [v4, v6] },
  ],
  [
    { podCIDR: other, podCIDRs: [v4, v6] },
    { podCIDR: other, podCIDRs: [other] },
  ],
] as const

for (const [given, expected] of cases) {
  test(`networks agree that were ${JSON.stringify(given)}`, () => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: given }
    assert.deepEqual(withPodNetworks(node).spec, expected)
  })
}
