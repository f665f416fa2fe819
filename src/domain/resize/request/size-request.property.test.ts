import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { sizeOf, type Size } from '../../resources/size.ts'
import { bytes, milliCpu } from '../../units.ts'
import { applySizeRequest } from './apply-size-request.ts'
import { withSize } from './with-size.ts'
import { parseSizeRequest } from './size-request.ts'

const cpuAmount = fc.integer({ min: 1, max: 1_000_000 })
const memoryAmount = fc.integer({ min: 4096, max: 2 ** 45 })
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const sizes: fc.Arbitrary<Size> = fc
  .record({
    cpuRequest: optional(cpuAmount.map(milliCpu)),
    cpuLimit: optional(cpuAmount.map(milliCpu)),
    memoryRequest: optional(memoryAmount.map(bytes)),
    memoryLimit: optional(memoryAmount.map(bytes)),
  })
  .map((size) => defined(size))

function defined(size: object): Size {
  return Object.fromEntries(Object.entries(size).filter(([, value]) => value !== undefined))
}

const resourceAndAmount = fc.oneof(
  fc.tuple(fc.constant('cpu' as const), cpuAmount),
  fc.tuple(fc.constant('memory' as const), memoryAmount),
)

function after(current: Size, resource: 'cpu' | 'memory', text: string): Size | undefined {
  const parsed = parseSizeRequest(text, resource)
  assert.equal(parsed.kind, 'parsed', text)
  if (parsed.kind !== 'parsed') return undefined
  const applied = applySizeRequest(current, parsed.wanted)
  return applied.kind === 'applied' ? applied.size : undefined
}

/** A size with only a request, so that no limit stands in the way. */
function requesting(resource: 'cpu' | 'memory', amount: number): Size {
  return resource === 'cpu' ? { cpuRequest: milliCpu(amount) } : { memoryRequest: bytes(amount) }
}

const requestOf = (size: Size | undefined, resource: 'cpu' | 'memory') =>
  resource === 'cpu' ? size?.cpuRequest : size?.memoryRequest

test('a request that is not above its limit stays so by any share of both', () => {
  const units = fc.constantFrom(1, 1024, 1024 ** 2)
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 4096, max: 2 ** 24 }), units),
      fc.tuple(fc.integer({ min: 4096, max: 2 ** 24 }), units),
      fc.integer({ min: -99, max: 400 }),
      ([one, unit], [other, otherUnit], percent) => {
        const [request = 0, limit = 0] = [one * unit, other * otherUnit].toSorted((a, b) => a - b)
        const size = { memoryRequest: bytes(request), memoryLimit: bytes(limit) }
        const share = `${percent < 0 ? '' : '+'}${percent}%`
        assert.notEqual(after(size, 'memory', `${share}:${share}`), undefined)
      },
    ),
  )
})

test('a share of what is not whole Ki is exact to the unit, rounded up', () => {
  const percent = fc.tuple(fc.nat(400), fc.nat(99))
  fc.assert(
    fc.property(
      resourceAndAmount.map(([resource, amount]) => [resource, amount + 1 - (amount % 2)] as const),
      percent,
      fc.boolean(),
      ([resource, amount], [whole, hundredths], up) => {
        fc.pre(up || whole < 100)
        const text = `${up ? '+' : '-'}${whole}.${String(hundredths).padStart(2, '0')}%`
        const part = BigInt(whole * 100 + hundredths)
        const share = up ? 10_000n + part : 10_000n - part
        const product = BigInt(amount) * share
        const expected = product / 10_000n + (product % 10_000n > 0n ? 1n : 0n)
        const size = after(requesting(resource, amount), resource, text)
        assert.equal(BigInt(requestOf(size, resource) ?? -1), expected)
      },
    ),
  )
})

test('adding and taking away the same comes back to the start', () => {
  fc.assert(
    fc.property(
      resourceAndAmount,
      fc.integer({ min: 4096, max: 1_000_000 }),
      (pair, difference) => {
        const [resource, amount] = pair
        const text = resource === 'cpu' ? `${difference}m` : `${difference}`
        const start = requesting(resource, amount)
        const more = after(start, resource, `+${text}`)
        assert.equal(requestOf(more, resource), amount + difference)
        assert.deepEqual(after(more ?? {}, resource, `-${text}`), start)
      },
    ),
  )
})

test('doubling and halving comes back to the start', () => {
  fc.assert(
    fc.property(sizes, (size) => {
      fc.pre(size.cpuRequest !== undefined && size.cpuLimit !== undefined)
      fc.pre(size.cpuRequest <= size.cpuLimit)
      const doubled = after(size, 'cpu', 'x2:x2')
      assert.deepEqual(after(doubled ?? {}, 'cpu', 'x0.5:x0.5'), size)
    }),
  )
})

test('a request for one resource leaves the other alone, and one side the other side', () => {
  fc.assert(
    fc.property(
      sizes,
      fc.constantFrom('50m:', ':999999', '50m:999999', '+50m:', ':x2'),
      (size, text) => {
        const result = after(size, 'cpu', text)
        fc.pre(result !== undefined)
        assert.equal(result.memoryRequest, size.memoryRequest)
        assert.equal(result.memoryLimit, size.memoryLimit)
        if (text.startsWith(':')) assert.equal(result.cpuRequest, size.cpuRequest)
        if (text.endsWith(':')) assert.equal(result.cpuLimit, size.cpuLimit)
      },
    ),
  )
})

test('a single value keeps request and limit equal where they are, else the limit stays', () => {
  fc.assert(
    fc.property(sizes, fc.constantFrom('700m', '+10%', 'x2', '-1m'), (size, text) => {
      const result = after(size, 'cpu', text)
      fc.pre(result !== undefined)
      const equal = size.cpuRequest !== undefined && size.cpuRequest === size.cpuLimit
      assert.equal(result.cpuLimit, equal ? result.cpuRequest : size.cpuLimit)
    }),
  )
})

const lists = fc.record(
  {
    cpu: fc.constantFrom('250m', '0.25', '1', '1e3'),
    memory: fc.constantFrom('64Mi', '65536Ki', '1G', '128974848000m'),
    'ephemeral-storage': fc.constantFrom('1Gi', '0.5Gi'),
    'example.com/gpu': fc.constant('1'),
  },
  { requiredKeys: [] },
)

const requirements = fc.record(
  {
    requests: lists,
    limits: lists,
    claims: fc.constant([{ name: 'gpu', request: 'one' }]),
    somethingNew: fc.constant({ kept: true }),
  },
  { requiredKeys: [] },
)

test('new resources say the new size and lose nothing else', () => {
  fc.assert(
    fc.property(requirements, sizes, (resources, size) => {
      const changed = withSize(resources, size)
      assert.deepEqual(sizeOf(changed), { ...sizeOf(resources), ...size })
      assert.deepEqual(withoutSizes(changed), withoutSizes(resources))
    }),
  )
})

test('the same size changes no letter', () => {
  fc.assert(
    fc.property(requirements, (resources) => {
      const same = withSize(resources, sizeOf(resources))
      assert.equal(JSON.stringify(same), JSON.stringify(resources))
    }),
  )
})

/** Everything but CPU and memory; lists that hold nothing else count as absent. */
function withoutSizes(resources: object): object {
  return Object.fromEntries(
    Object.entries(resources).flatMap(([key, value]: readonly [string, unknown]) => {
      if (key !== 'requests' && key !== 'limits') return [[key, value]]
      const rest = Object.entries(value as object).filter(
        ([name]) => name !== 'cpu' && name !== 'memory',
      )
      return rest.length === 0 ? [] : [[key, Object.fromEntries(rest)]]
    }),
  )
}
