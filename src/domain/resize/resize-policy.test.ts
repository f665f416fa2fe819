import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ContainerResizePolicy } from '../pod.ts'
import { formatFieldError } from '../field-error.ts'
import type { KubeVersion } from '../kube-version.ts'
import { restartsFor, validateInitResizePolicy, validateResizePolicy } from './resize-policy.ts'

/** Of which pod, which container and in which version the policies are. */
interface Context {
  readonly containerKind: 'regular' | 'sidecar' | 'init'
  readonly podRestartPolicy: string
  readonly version: KubeVersion
}

const policy = (resourceName: string, restartPolicy: string): ContainerResizePolicy => ({
  resourceName,
  restartPolicy,
})

const cases: readonly (readonly [
  string,
  readonly ContainerResizePolicy[],
  Partial<Context>,
  readonly string[],
])[] = [
  ['none', [], {}, []],
  ['both', [policy('cpu', 'NotRequired'), policy('memory', 'RestartContainer')], {}, []],
  [
    'duplicate',
    [policy('cpu', 'NotRequired'), policy('cpu', 'NotRequired')],
    {},
    ['P[1]: Duplicate value: "cpu"'],
  ],
  [
    'unknown resource',
    [policy('x', 'NotRequired')],
    {},
    ['P: Unsupported value: "x": supported values: "cpu", "memory"'],
  ],
  ['no resource', [policy('', 'NotRequired')], {}, ['P: Required value']],
  [
    'unknown restart policy',
    [policy('cpu', 'x')],
    {},
    ['P: Unsupported value: "x": supported values: "NotRequired", "RestartContainer"'],
  ],
  ['no restart policy', [policy('cpu', '')], {}, ['P: Required value']],
  [
    'pod that never restarts',
    [policy('cpu', 'RestartContainer')],
    { podRestartPolicy: 'Never' },
    [
      "P: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'",
    ],
  ],
  [
    'pod that never restarts, 1.35',
    [policy('cpu', 'RestartContainer')],
    { podRestartPolicy: 'Never', version: '1.35' },
    [
      "P: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'",
    ],
  ],
  [
    'sidecar of a pod that never restarts',
    [policy('cpu', 'RestartContainer')],
    { podRestartPolicy: 'Never', containerKind: 'sidecar' },
    [
      "P: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'",
    ],
  ],
  [
    'a policy that there is not, of a pod that never restarts',
    [policy('cpu', 'x')],
    { podRestartPolicy: 'Never' },
    [
      'P: Unsupported value: "x": supported values: "NotRequired", "RestartContainer"',
      "P: Invalid value: \"x\": must be 'NotRequired' when pod `restartPolicy` is 'Never'",
    ],
  ],
  [
    'init container, 1.32',
    [policy('cpu', 'NotRequired')],
    { containerKind: 'init', version: '1.32' },
    [
      'P: Invalid value: [{"ResourceName":"cpu","RestartPolicy":"NotRequired"}]: must not be set for init containers',
    ],
  ],
  ['init container', [policy('cpu', 'NotRequired')], { containerKind: 'init' }, []],
  [
    'init container that restarts',
    [policy('memory', 'NotRequired'), policy('cpu', 'RestartContainer')],
    { containerKind: 'init' },
    [
      'P[1].restartPolicy: Invalid value: "RestartContainer": must not be set to \'RestartContainer\' for non-sidecar initContainers',
    ],
  ],
  [
    'init container that restarts, 1.35',
    [policy('cpu', 'RestartContainer')],
    { containerKind: 'init', version: '1.35' },
    [],
  ],
]

describe('resizePolicy on create (3.6)', () => {
  for (const [name, policies, context, refused] of cases) {
    test(name, () => {
      const { containerKind = 'regular', podRestartPolicy = 'Always' } = context
      const { version = '1.36' } = context
      const restartPolicy = containerKind === 'sidecar' ? { restartPolicy: 'Always' } : {}
      const container = { name: 'a', resizePolicy: policies, ...restartPolicy }
      const errors = [
        ...validateResizePolicy(policies, { podRestartPolicy, version }, 'P'),
        ...(containerKind === 'regular'
          ? []
          : validateInitResizePolicy(container, version, undefined, 'P')),
      ]
      assert.deepEqual(errors.map(formatFieldError), refused)
    })
  }
})

test('an init container keeps a policy that it was allowed once (3.6)', () => {
  const kept = { name: 'a', resizePolicy: [policy('cpu', 'RestartContainer')] }
  const before = { initContainers: [kept] }
  assert.deepEqual(validateInitResizePolicy(kept, '1.36', before, 'P'), [])
  const other = { initContainers: [{ ...kept, restartPolicy: 'Always' }] }
  assert.equal(validateInitResizePolicy(kept, '1.36', other, 'P').length, 1)
})

test('a resource without an entry does not restart its container', () => {
  const container = { name: 'a', resizePolicy: [policy('memory', 'RestartContainer')] }
  assert.equal(restartsFor(container, 'memory'), true)
  assert.equal(restartsFor(container, 'cpu'), false)
  assert.equal(restartsFor({ name: 'a' }, 'memory'), false)
})
