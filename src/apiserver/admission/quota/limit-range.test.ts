import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod, ResourceRequirements } from '../../../domain/pod.ts'
import {
  applyLimitRanges,
  checkLimitRanges,
  defaultLimitRange,
  type LimitRange,
  type LimitRangeItem,
} from './limit-range.ts'

function range(...limits: readonly LimitRangeItem[]): LimitRange {
  return { metadata: { name: 'r' }, spec: { limits } }
}

function pod(...sizes: readonly ResourceRequirements[]): Pod {
  const containers = sizes.map((resources, index) => ({ name: `c${index}`, resources }))
  return { metadata: { name: 'web' }, spec: { containers } }
}

const largeInit = { name: 'i', resources: { limits: { cpu: '2' } } }

function ofContainer(bounds: Partial<LimitRangeItem>): LimitRange {
  return range({ type: 'Container', ...bounds })
}

describe('the LimitRanges of a namespace refuse (7.3)', () => {
  const cases: readonly (readonly [string, LimitRange, Pod, string | undefined])[] = [
    [
      'nothing that is within',
      ofContainer({ min: { cpu: '100m' }, max: { cpu: '2' } }),
      pod({ requests: { cpu: '100m' }, limits: { cpu: '2' } }),
      undefined,
    ],
    [
      'a request below the minimum',
      ofContainer({ min: { cpu: '100m' } }),
      pod({ requests: { cpu: '50m' } }),
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [
      'a limit below the minimum',
      ofContainer({ min: { cpu: '100m' } }),
      pod({ requests: { cpu: '100m' }, limits: { cpu: '50m' } }),
      'minimum cpu usage per Container is 100m, but limit is 50m',
    ],
    [
      'no request where there is a minimum',
      ofContainer({ min: { cpu: '100m' } }),
      pod({}),
      'minimum cpu usage per Container is 100m.  No request is specified',
    ],
    [
      'a limit above the maximum',
      ofContainer({ max: { memory: '1Gi' } }),
      pod({ limits: { memory: '2Gi' } }),
      'maximum memory usage per Container is 1Gi, but limit is 2Gi',
    ],
    [
      'a request above the maximum',
      ofContainer({ max: { memory: '1Gi' } }),
      pod({ limits: { memory: '1Gi' }, requests: { memory: '2Gi' } }),
      'maximum memory usage per Container is 1Gi, but request is 2Gi',
    ],
    [
      'no limit where there is a maximum',
      ofContainer({ max: { memory: '1Gi' } }),
      pod({}),
      'maximum memory usage per Container is 1Gi.  No limit is specified',
    ],
    [
      'a limit too many times the request',
      ofContainer({ maxLimitRequestRatio: { cpu: '2' } }),
      pod({ limits: { cpu: '4' }, requests: { cpu: '1' } }),
      'cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000',
    ],
    [
      'a ratio without a request',
      ofContainer({ maxLimitRequestRatio: { cpu: '2' } }),
      pod({ limits: { cpu: '4' }, requests: { cpu: '0' } }),
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ],
    [
      'a ratio without a limit',
      ofContainer({ maxLimitRequestRatio: { cpu: '2' } }),
      pod({ requests: { cpu: '1' } }),
      'cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0',
    ],
    [
      'several things at once',
      ofContainer({ max: { cpu: '2', memory: '1Gi' } }),
      pod({ limits: { cpu: '3', memory: '2Gi' } }),
      '[maximum cpu usage per Container is 2, but limit is 3, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    ],
    [
      'the sum of a pod',
      range({ type: 'Pod', max: { cpu: '3' } }),
      pod({ limits: { cpu: '2' } }, { limits: { cpu: '2' } }),
      'maximum cpu usage per Pod is 3, but limit is 4',
    ],
    [
      'what a pod has as a whole',
      range({ type: 'Pod', max: { cpu: '3' } }),
      { metadata: { name: 'web' }, spec: { containers: [], resources: { limits: { cpu: '4' } } } },
      'maximum cpu usage per Pod is 3, but limit is 4',
    ],
    [
      'nothing that a pod still has, but asks for no more',
      range({ type: 'Pod', max: { cpu: '3' } }),
      {
        ...pod({ limits: { cpu: '2' } }),
        status: {
          containerStatuses: [
            {
              name: 'c0',
              resources: { limits: { cpu: '4' } },
              ready: true,
              restartCount: 0,
              image: '',
              imageID: '',
            },
          ],
        },
      },
      undefined,
    ],
    [
      'an init container as any other',
      ofContainer({ max: { cpu: '1' } }),
      { metadata: { name: 'web' }, spec: { containers: [], initContainers: [largeInit] } },
      'maximum cpu usage per Container is 1, but limit is 2',
    ],
    [
      'a pod below the minimum',
      range({ type: 'Pod', min: { memory: '1Gi' } }),
      pod({ requests: { memory: '1Mi' } }),
      'minimum memory usage per Pod is 1Gi, but request is 1Mi',
    ],
    ['nothing of other types', range({ type: 'PersistentVolumeClaim' }), pod({}), undefined],
  ]
  for (const [name, given, asked, wanted] of cases) {
    test(name, () => assert.equal(checkLimitRanges(asked, [given]), wanted))
  }

  test('no pod that is being deleted', () => {
    const { metadata, spec } = pod({})
    const deleted = { metadata: { ...metadata, deletionTimestamp: 'x' }, spec }
    assert.equal(checkLimitRanges(deleted, [ofContainer({ max: { cpu: '1' } })]), undefined)
  })
})

describe('the LimitRanges of a namespace fill in (7.3)', () => {
  const given = ofContainer({
    default: { cpu: '1', memory: '1Gi' },
    defaultRequest: { cpu: '500m' },
  })

  test('what containers leave out, and tell so', () => {
    const asked = pod({ requests: { cpu: '100m' } }, { limits: { cpu: '2', memory: '1Mi' } })
    const filled = applyLimitRanges(asked, [given])
    assert.deepEqual(
      filled.spec.containers.map(({ resources }) => resources),
      [
        { requests: { cpu: '100m' }, limits: { cpu: '1', memory: '1Gi' } },
        { requests: { cpu: '500m' }, limits: { cpu: '2', memory: '1Mi' } },
      ],
    )
    assert.deepEqual(filled.metadata.annotations, {
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory limit for container c0; cpu request for container c1',
    })
  })

  test('what init containers leave out, too', () => {
    const asked: Pod = {
      metadata: { name: 'web' },
      spec: { containers: [], initContainers: [{ name: 'i' }] },
    }
    const { metadata, spec } = applyLimitRanges(asked, [given])
    assert.deepEqual(spec.initContainers?.[0]?.resources, {
      requests: { cpu: '500m' },
      limits: { cpu: '1', memory: '1Gi' },
    })
    assert.equal(
      metadata.annotations?.['kubernetes.io/limit-ranger'],
      'LimitRanger plugin set: cpu request for init container i; cpu, memory limit for init container i',
    )
  })

  test('nothing where nothing is missing', () => {
    const asked = pod({ requests: { cpu: '1' }, limits: { cpu: '1', memory: '1Gi' } })
    assert.equal(applyLimitRanges(asked, [given]), asked)
    assert.equal(applyLimitRanges(asked, []), asked)
  })
})

test('a LimitRange is completed from its bounds', () => {
  const { spec } = defaultLimitRange(
    ofContainer({
      max: { cpu: '2', memory: '1Gi' },
      min: { cpu: '1m', x: '1' },
      default: { cpu: '1' },
    }),
  )
  assert.deepEqual(spec?.limits?.[0]?.default, { cpu: '1', memory: '1Gi' })
  assert.deepEqual(spec?.limits?.[0]?.defaultRequest, { cpu: '1', memory: '1Gi', x: '1' })
})
