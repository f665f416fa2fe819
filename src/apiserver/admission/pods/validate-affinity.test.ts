import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatFieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { validateAffinity } from './validate-affinity.ts'

const needed = 'requiredDuringSchedulingIgnoredDuringExecution'
const wished = 'preferredDuringSchedulingIgnoredDuringExecution'

const nodes = 'spec.affinity.nodeAffinity'
const pods = 'spec.affinity.podAntiAffinity'
const topologyKey = 'kubernetes.io/hostname'

function nodesThat(term: JsonObject): JsonObject {
  return { nodeAffinity: { [needed]: { nodeSelectorTerms: [term] } } }
}

const term = `${nodes}.${needed}.nodeSelectorTerms[0]`
const noOperator = 'not a valid selector operator'

const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  [
    'all that there is',
    {
      ...nodesThat({
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['b'] },
          { key: 'a', operator: 'Gt', values: ['1'] },
          { key: 'a', operator: 'Exists' },
        ],
        matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }],
      }),
      podAffinity: { [wished]: [{ weight: 1, podAffinityTerm: { topologyKey } }] },
      podAntiAffinity: {
        [needed]: [{ topologyKey, labelSelector: { matchLabels: { a: 'b' } }, namespaces: ['x'] }],
      },
    },
    [],
  ],
  [
    'no term',
    { nodeAffinity: { [needed]: { nodeSelectorTerms: [] } } },
    [
      `${nodes}.${needed}.nodeSelectorTerms: Required value: must have at least one node selector term`,
    ],
  ],
  [
    'operators and their values',
    nodesThat({
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'a', operator: 'Exists', values: ['b'] },
        { key: 'a', operator: 'Lt', values: ['1', '2'] },
        { key: 'a', operator: 'Like', values: ['b'] },
      ],
    }),
    [
      `${term}.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `${term}.matchExpressions[1].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      `${term}.matchExpressions[2].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
      `${term}.matchExpressions[3].operator: Invalid value: "Like": ${noOperator}`,
    ],
  ],
  [
    'fields of a node',
    nodesThat({
      matchFields: [
        { key: 'metadata.name', operator: 'In', values: ['a', 'b'] },
        { key: 'spec.x', operator: 'Exists' },
      ],
    }),
    [
      `${term}.matchFields[0].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
      `${term}.matchFields[1].operator: Invalid value: "Exists": ${noOperator}`,
      `${term}.matchFields[1].key: Invalid value: "spec.x": not a valid field selector key`,
    ],
  ],
  [
    'weights',
    {
      nodeAffinity: { [wished]: [{ weight: 0, preference: {} }] },
      podAntiAffinity: { [wished]: [{ weight: 101, podAffinityTerm: { topologyKey } }] },
    },
    [
      `${nodes}.${wished}[0].weight: Invalid value: 0: must be in the range 1-100`,
      `${pods}.${wished}[0].weight: Invalid value: 101: must be in the range 1-100`,
    ],
  ],
  [
    'pods: what is near, whose pods, which of them',
    {
      podAntiAffinity: {
        [needed]: [
          {
            topologyKey: 'a/b/c',
            namespaces: ['a.b'],
            labelSelector: { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] },
            namespaceSelector: { matchLabels: { a: '-' } },
          },
        ],
      },
    },
    [
      `${pods}.${needed}[0].labelSelector.matchExpressions[0].operator: Invalid value: "Gt": ${noOperator}`,
      `${pods}.${needed}[0].namespaceSelector.matchLabels: Invalid value: "-": a valid label must be`,
      `${pods}.${needed}[0].namespace: Invalid value: "a.b": a lowercase RFC 1123 label must consist`,
      `${pods}.${needed}[0].topologyKey: Invalid value: "a/b/c": a qualified name must consist of`,
    ],
  ],
]

describe('the affinity of a pod', () => {
  for (const [name, affinity, expected] of cases) {
    test(name, () => {
      const texts = validateAffinity({ affinity }).map(formatFieldError)
      // What is no label is told at length; the beginning is enough.
      const shown = texts.map((text, index) => text.slice(0, expected[index]?.length))
      assert.deepEqual(shown, expected)
    })
  }

  test('names a place at all', () => {
    const texts = validateAffinity({ affinity: { podAffinity: { [needed]: [{}] } } })
    const [first] = texts.map(formatFieldError)
    assert.equal(
      first,
      `spec.affinity.podAffinity.${needed}[0].topologyKey: Required value: can not be empty`,
    )
  })
})
