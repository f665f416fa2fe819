import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatFieldError } from '../../../domain/field-error.ts'
import type { LimitRangeItem } from './limit-range.ts'
import { validateLimitRange } from './validate-limit-range.ts'

function errorsOf(...limits: readonly Partial<LimitRangeItem>[]): readonly string[] {
  const range = { metadata: { name: 'l' }, spec: { limits: limits as readonly LimitRangeItem[] } }
  return validateLimitRange(range).map((error) =>
    formatFieldError(error).replace('spec.limits[0].', ''),
  )
}

const type = 'Container'

const refused: readonly (readonly [string, Partial<LimitRangeItem>, readonly string[]])[] = [
  [
    'a type that there is not',
    { type: 'Foo' },
    ['type: Invalid value: "Foo": must be a standard limit type or fully qualified'],
  ],
  [
    'a resource that containers do not have',
    { type, min: { storage: '1' }, maxLimitRequestRatio: { foo: '2' } },
    [
      'min[storage]: Invalid value: "storage": must be a standard resource for containers',
      'maxLimitRequestRatio[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'maxLimitRequestRatio[foo]: Invalid value: "foo": must be a standard resource for containers',
    ],
  ],
  [
    'a resource that is called as what objects have',
    { type, max: { constructor: '1' } },
    [
      'max[constructor]: Invalid value: "constructor": must be a standard resource type or fully qualified',
      'max[constructor]: Invalid value: "constructor": must be a standard resource for containers',
    ],
  ],
  [
    'defaults of pods',
    { type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } },
    [
      "default: Forbidden: may not be specified when `type` is 'Pod'",
      "defaultRequest: Forbidden: may not be specified when `type` is 'Pod'",
    ],
  ],
  [
    'claims without any bound of their storage',
    { type: 'PersistentVolumeClaim', max: { cpu: '1' } },
    [
      'limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
  ],
  [
    'bounds that cross',
    {
      type,
      min: { cpu: '4' },
      defaultRequest: { cpu: '3' },
      default: { cpu: '2' },
      max: { cpu: '1' },
    },
    [
      'min[cpu]: Invalid value: "4": min value 4 is greater than max value 1',
      'defaultRequest[cpu]: Invalid value: "3": min value 4 is greater than default request value 3',
      'defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 1',
      'defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2',
      'default[cpu]: Invalid value: "4": min value 4 is greater than default value 2',
      'default[cpu]: Invalid value: "1": default value 2 is greater than max value 1',
    ],
  ],
  [
    'a ratio below one',
    { type, maxLimitRequestRatio: { cpu: '500m' } },
    ['maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'],
  ],
  [
    'a ratio that the bounds never reach',
    {
      type,
      min: { memory: '300Mi' },
      max: { memory: '400Mi' },
      maxLimitRequestRatio: { memory: '2' },
    },
    [
      'maxLimitRequestRatio[memory]: Invalid value: "2": ratio 2 is greater than max/min = 1.333333',
    ],
  ],
  [
    'another limit of devices than their request',
    { type, defaultRequest: { 'a.b/gpu': '1' }, default: { 'a.b/gpu': '2' } },
    [
      'defaultRequest[a.b/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in a.b/gpu',
    ],
  ],
]

describe('a limit range is refused for', () => {
  for (const [name, item, errors] of refused) {
    test(name, () => assert.deepEqual(errorsOf(item), errors))
  }

  test('no type, and one that comes twice', () => {
    assert.match(errorsOf({}).join(), /^type: Invalid value: "": name part must be non-empty/)
    assert.deepEqual(errorsOf({ type }, { type }), [
      'spec.limits[1].type: Duplicate value: "Container"',
    ])
  })
})

test('a limit range may bound what there is', () => {
  const cpu = { min: { cpu: '1' }, max: { cpu: '4' }, maxLimitRequestRatio: { cpu: '4' } }
  assert.deepEqual(
    errorsOf(
      { type, ...cpu },
      { type: 'Pod', ...cpu },
      { type: 'example.com/thing', max: { 'a.b/c': '1' } },
    ),
    [],
  )
  assert.deepEqual(errorsOf({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' } }), [])
})
