import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sizeOf, type Size } from '../../resources/size.ts'
import { bytes, milliCpu } from '../../units.ts'
import { applySizeRequest } from './apply-size-request.ts'
import { withSize } from './with-size.ts'
import { parseSizeRequest } from './size-request.ts'

const mi = 1024 * 1024

const burstable: Size = {
  cpuRequest: milliCpu(250),
  cpuLimit: milliCpu(500),
  memoryRequest: bytes(64 * mi),
  memoryLimit: bytes(128 * mi),
}
const guaranteed: Size = {
  cpuRequest: milliCpu(1000),
  cpuLimit: milliCpu(1000),
  memoryRequest: bytes(1024 * mi),
  memoryLimit: bytes(1024 * mi),
}
const requestOnly: Size = { cpuRequest: milliCpu(250), memoryRequest: bytes(64 * mi) }
const ofKibibytes: Size = {
  memoryRequest: bytes(65_536 * 1024),
  memoryLimit: bytes(129_775 * 1024),
}
const ofBytes: Size = { memoryRequest: bytes(100_000_001), memoryLimit: bytes(100_000_001) }

/** `REQ:LIM` after `text` was applied, in millicores or bytes, or the refusal. */
function resized(current: Size, resource: 'cpu' | 'memory', text: string): string {
  const parsed = parseSizeRequest(text, resource)
  if (parsed.kind === 'refused') return parsed.message
  const applied = applySizeRequest(current, parsed.wanted)
  if (applied.kind === 'refused') return applied.message
  const { size } = applied
  return resource === 'cpu'
    ? `${size.cpuRequest}:${size.cpuLimit}`
    : `${size.memoryRequest}:${size.memoryLimit}`
}

describe('what a size request does', () => {
  const cases: readonly (readonly [Size, 'cpu' | 'memory', string, string])[] = [
    [burstable, 'cpu', '500m:1', '500:1000'],
    [burstable, 'cpu', '0.3:0.5', '300:500'],
    [burstable, 'cpu', '300m:', '300:500'],
    [burstable, 'cpu', ':1', '250:1000'],
    [burstable, 'cpu', '300m', '300:500'],
    [guaranteed, 'cpu', '2', '2000:2000'],
    [guaranteed, 'cpu', '2:2', '2000:2000'],
    [guaranteed, 'cpu', '500m:', '500:1000'],
    [guaranteed, 'cpu', '+20%', '1200:1200'],
    [guaranteed, 'cpu', 'x2', '2000:2000'],
    [requestOnly, 'cpu', '1', '1000:undefined'],
    [requestOnly, 'cpu', '1:2', '1000:2000'],
    [burstable, 'cpu', '+20%', '300:500'],
    [burstable, 'cpu', '+20%:+20%', '300:600'],
    [burstable, 'cpu', '-100m', '150:500'],
    [burstable, 'cpu', '+100m:x2', '350:1000'],
    [burstable, 'cpu', 'x0.5:x1.5', '125:750'],
    [burstable, 'cpu', '-33.3%', '167:500'],
    [burstable, 'cpu', '-250m', '0:500'],
    [burstable, 'cpu', ' 300m : 600m ', '300:600'],
    [burstable, 'cpu', '0.0001', '1:500'],
    [burstable, 'memory', '96Mi:256Mi', `${96 * mi}:${256 * mi}`],
    [burstable, 'memory', '+10%', `${71 * mi}:${128 * mi}`],
    [burstable, 'memory', '-10%:-1%', `${57 * mi}:${126 * mi}`],
    [burstable, 'memory', 'x0.001:x0.5', `${mi}:${64 * mi}`],
    [ofKibibytes, 'memory', '+1%:+1%', `${66_192 * 1024}:${131_073 * 1024}`],
    [ofBytes, 'memory', '+10%', '110000002:110000002'],
    [burstable, 'memory', '1e8', `100000000:${128 * mi}`],
    [burstable, 'memory', '-16Mi', `${48 * mi}:${128 * mi}`],
    [guaranteed, 'memory', '+1Gi', `${2048 * mi}:${2048 * mi}`],
  ]
  for (const [current, resource, text, expected] of cases) {
    const before =
      resource === 'cpu'
        ? `${current.cpuRequest}:${current.cpuLimit}`
        : `${current.memoryRequest}:${current.memoryLimit}`
    test(`${before} --${resource} ${JSON.stringify(text)} is ${expected}`, () => {
      assert.equal(resized(current, resource, text), expected)
    })
  }
})

describe('what cannot be read', () => {
  const cases: readonly (readonly ['cpu' | 'memory', string, string])[] = [
    ['cpu', '', 'it names no amount'],
    ['cpu', ':', 'it names no amount'],
    ['cpu', '1:2:3', 'it has more than one colon'],
    ['cpu', 'lots', 'lots is not a quantity'],
    ['cpu', '1:lots', 'lots is not a quantity'],
    ['cpu', '+-1', '+-1 is not a quantity'],
    ['cpu', 'x', 'x is not a quantity'],
    ['cpu', '+%', '+% is a share without a number; write +20% or -20%'],
    [
      'cpu',
      '1:512Mi',
      '512Mi is an amount of memory; --memory takes that, and cores are written like 500m or 2',
    ],
    ['cpu', 'x-2', 'x-2 is not a quantity'],
    ['cpu', '2x', '2x is not a quantity'],
    ['cpu', '20%', '20% is a share without a sign; write +20% or -20%'],
    ['cpu', '99999999999999999', '99999999999999999 is too large'],
    ['memory', '512m', '512m is 1 byte, a fraction; Mi and Gi are the usual units'],
    ['memory', '512', '512 is only 512 bytes; Mi and Gi are the usual units'],
    ['memory', '512MB', '512MB is not a quantity'],
    ['memory', '512mi', '512mi is not a quantity'],
  ]
  for (const [resource, text, why] of cases) {
    test(`--${resource} ${JSON.stringify(text)}`, () => {
      const parsed = parseSizeRequest(text, resource)
      const start = `Cannot read ${JSON.stringify(text)} as a ${resource} size: ${why}. Write `
      assert.equal(parsed.kind, 'refused')
      assert.equal(parsed.kind === 'refused' && parsed.message.slice(0, start.length), start)
    })
  }
})

describe('what does not go together', () => {
  const cases: readonly (readonly [Size, 'cpu' | 'memory', string, string])[] = [
    [
      burstable,
      'cpu',
      '800m',
      'Cannot use a cpu request of 800m with a limit of 500m: a request may not exceed its limit; 800m:800m would set both to 800m',
    ],
    [
      burstable,
      'cpu',
      ':100m',
      'Cannot use a cpu request of 250m with a limit of 100m: a request may not exceed its limit; 100m:100m would set both to 100m',
    ],
    [
      burstable,
      'memory',
      'x4',
      'Cannot use a memory request of 256Mi with a limit of 128Mi: a request may not exceed its limit; 256Mi:256Mi would set both to 256Mi',
    ],
    [
      requestOnly,
      'cpu',
      ':+20%',
      'Cannot change the cpu limit by a share or a difference: there is no cpu limit yet; give an amount such as 500m',
    ],
    [
      {},
      'memory',
      'x2',
      'Cannot change the memory request by a share or a difference: there is no memory request yet; give an amount such as 256Mi',
    ],
    [
      burstable,
      'cpu',
      '-1',
      'Cannot change the cpu request like that: it is 250m now and would be below 0',
    ],
    [
      burstable,
      'cpu',
      'x99999999999999999',
      'Cannot change the cpu request like that: it is 250m now and would be above the largest size there is',
    ],
    [
      burstable,
      'cpu',
      '0:0',
      'Cannot use 0 as the cpu limit: 0 means unlimited, and a limit cannot be removed from a running container',
    ],
    [
      guaranteed,
      'memory',
      '-1Gi',
      'Cannot use 0 as the memory limit: 0 means unlimited, and a limit cannot be removed from a running container',
    ],
  ]
  for (const [current, resource, text, message] of cases) {
    test(`--${resource} ${text}`, () => assert.equal(resized(current, resource, text), message))
  }
})

describe('new resources', () => {
  const resources = {
    requests: { cpu: '0.25', memory: '64Mi', 'ephemeral-storage': '1Gi' },
    limits: { memory: '131072Ki' },
    claims: [{ name: 'gpu' }],
  }

  test('only what changes is written anew', () => {
    const size = { ...sizeOf(resources), memoryRequest: bytes(96 * mi), cpuLimit: milliCpu(500) }
    assert.deepEqual(withSize(resources, size), {
      requests: { cpu: '0.25', memory: '96Mi', 'ephemeral-storage': '1Gi' },
      limits: { memory: '131072Ki', cpu: '500m' },
      claims: [{ name: 'gpu' }],
    })
  })

  test('a container without any', () => {
    assert.deepEqual(withSize(undefined, { cpuRequest: milliCpu(1500) }), {
      requests: { cpu: '1500m' },
    })
    assert.deepEqual(withSize(undefined, {}), {})
  })
})
