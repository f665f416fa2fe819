import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { cpuShares, cpuWeight, micros, milliCpu } from '../units.ts'
import {
  milliCpuFromQuota,
  milliCpuFromShares,
  quotaFor,
  sharesFor,
  sharesFromWeight,
  systemdQuota,
  weightFor,
  weightFormulaOf,
} from './cpu.ts'

const period = micros(100_000)

/** Millicores, quota, quota after systemd, millicores back from the one and from the other. */
const quotas: readonly (readonly [number, number, number, number, number])[] = [
  [1, 1000, 1000, 10, 10],
  [9, 1000, 1000, 10, 10],
  [10, 1000, 1000, 10, 10],
  [11, 1100, 2000, 11, 20],
  [15, 1500, 2000, 15, 20],
  [20, 2000, 2000, 20, 20],
  [25, 2500, 3000, 25, 30],
  [51, 5100, 6000, 51, 60],
  [100, 10_000, 10_000, 100, 100],
  [125, 12_500, 13_000, 125, 130],
  [250, 25_000, 25_000, 250, 250],
  [333, 33_300, 34_000, 333, 340],
  [417, 41_700, 42_000, 417, 420],
  [500, 50_000, 50_000, 500, 500],
  [1000, 100_000, 100_000, 1000, 1000],
  [1234, 123_400, 124_000, 1234, 1240],
  [1500, 150_000, 150_000, 1500, 1500],
  [4096, 409_600, 410_000, 4096, 4100],
]

describe('quotaFor', () => {
  for (const [cpu, quota, rounded, back, backRounded] of quotas) {
    test(`${cpu}m is ${quota} us, ${rounded} us by systemd`, () => {
      const plain = quotaFor(milliCpu(cpu), period)
      assert.equal(plain, quota)
      const bySystemd = systemdQuota(micros(quota), period)
      assert.equal(bySystemd, rounded)
      assert.equal(milliCpuFromQuota(plain, period), back)
      assert.equal(milliCpuFromQuota(bySystemd, period), backRounded)
    })
  }
  test('no limit is max, and max is no limit', () => {
    assert.equal(quotaFor(milliCpu(0)), 'max')
    assert.equal(milliCpuFromQuota('max', period), 0)
  })
  test('another period', () => {
    assert.equal(quotaFor(milliCpu(500), micros(20_000)), 10_000)
    assert.equal(quotaFor(milliCpu(5), micros(20_000)), 1000)
    assert.equal(quotaFor(milliCpu(333), micros(33_333)), 11_099)
    assert.equal(systemdQuota(micros(11_099), micros(33_333)), 11_333)
  })
  test('the largest limits do not overflow', () => {
    const most = quotaFor(milliCpu(Number.MAX_SAFE_INTEGER))
    assert.equal(most, Number.MAX_SAFE_INTEGER)
    assert.equal(systemdQuota(micros(Number.MAX_SAFE_INTEGER), period), Number.MAX_SAFE_INTEGER)
    assert.equal(milliCpuFromQuota(most, micros(1)), Number.MAX_SAFE_INTEGER)
  })
})

/** Millicores, shares, linear weight, quadratic weight, shares and millicores back from the linear weight. */
const weights: readonly (readonly [number, number, number, number, number, number])[] = [
  [0, 2, 1, 1, 2, 2],
  [1, 2, 1, 1, 2, 2],
  [2, 2, 1, 1, 2, 2],
  [3, 3, 1, 2, 2, 2],
  [5, 5, 1, 2, 2, 2],
  [10, 10, 1, 4, 2, 2],
  [25, 25, 1, 6, 2, 2],
  [50, 51, 2, 11, 28, 28],
  [100, 102, 4, 17, 80, 79],
  [125, 128, 5, 21, 106, 104],
  [150, 153, 6, 24, 133, 130],
  [200, 204, 8, 29, 185, 181],
  [250, 256, 10, 35, 237, 232],
  [300, 307, 12, 40, 290, 284],
  [333, 340, 13, 43, 316, 309],
  [417, 427, 17, 51, 421, 412],
  [500, 512, 20, 59, 500, 489],
  [700, 716, 28, 76, 709, 693],
  [750, 768, 30, 80, 762, 745],
  [1000, 1024, 39, 100, 998, 975],
  [1500, 1536, 59, 138, 1522, 1487],
  [1600, 1638, 63, 145, 1627, 1589],
  [2000, 2048, 79, 174, 2046, 1999],
  [2500, 2560, 98, 208, 2545, 2486],
  [4000, 4096, 157, 303, 4091, 3996],
  [8000, 8192, 313, 532, 8181, 7990],
  [16_000, 16_384, 625, 942, 16_361, 15_978],
  [32_000, 32_768, 1250, 1681, 32_746, 31_979],
  [64_000, 65_536, 2500, 3023, 65_517, 63_982],
  [96_000, 98_304, 3750, 4276, 98_288, 95_985],
  [128_000, 131_072, 5000, 5478, 131_059, 127_988],
  [256_000, 262_144, 10_000, 10_000, 262_144, 256_000],
]

test('the formula of a weight is told where only one makes it', () => {
  assert.equal(weightFormulaOf(cpuShares(1024), cpuWeight(39)), 'linear')
  assert.equal(weightFormulaOf(cpuShares(1024), cpuWeight(100)), 'quadratic')
  assert.equal(weightFormulaOf(cpuShares(2), cpuWeight(1)), undefined)
  assert.equal(weightFormulaOf(cpuShares(1024), cpuWeight(50)), undefined)
})

describe('sharesFor and weightFor', () => {
  for (const [cpu, shares, linear, quadratic, sharesBack, cpuBack] of weights) {
    test(`${cpu}m is ${shares} shares, weight ${linear} or ${quadratic}`, () => {
      assert.equal(sharesFor(milliCpu(cpu)), shares)
      assert.equal(weightFor(cpuShares(shares), 'linear'), linear)
      assert.equal(weightFor(cpuShares(shares), 'quadratic'), quadratic)
      assert.equal(sharesFromWeight(cpuWeight(linear)), sharesBack)
      assert.equal(milliCpuFromShares(cpuShares(sharesBack)), cpuBack)
    })
  }
  test('one share below the most', () => {
    assert.equal(weightFor(cpuShares(262_143), 'linear'), 9999)
    assert.equal(weightFor(cpuShares(262_143), 'quadratic'), 10_000)
  })
  test('more than 256 cores have the most shares', () => {
    assert.equal(sharesFor(milliCpu(256_001)), 262_144)
    assert.equal(sharesFor(milliCpu(Number.MAX_SAFE_INTEGER)), 262_144)
  })
  test('every quadratic weight agrees with other languages', () => {
    // Both sums were computed with Python's math.log2 and **.
    let sum = 0
    let mixed = 0
    for (let shares = 2; shares <= 262_144; shares++) {
      const weight = weightFor(cpuShares(shares), 'quadratic')
      sum += weight
      mixed += weight * ((shares - 2) % 1009)
    }
    assert.deepEqual([sum, mixed], [1_405_378_460, 708_358_971_978])
  })
})

test('a CPU request from 2m to 256 cores comes back from its shares', () => {
  for (let cpu = 2; cpu <= 256_000; cpu++) {
    const back = milliCpuFromShares(sharesFor(milliCpu(cpu)))
    if (back !== cpu) assert.equal(back, cpu)
  }
  assert.equal(milliCpuFromShares(sharesFor(milliCpu(0))), 2)
  assert.equal(milliCpuFromShares(sharesFor(milliCpu(1))), 2)
})

test('a CPU limit from 10m up comes back from its quota', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 1_000_000_000 }), (cpu) => {
      assert.equal(milliCpuFromQuota(quotaFor(milliCpu(cpu), period), period), cpu)
    }),
  )
})

test('systemd rounds up by less than 10 millicores, and only once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 1_000_000_000 }),
      fc.constantFrom(100_000, 50_000, 10_000),
      (quota, every) => {
        const rounded = systemdQuota(micros(quota), micros(every))
        assert.ok(rounded >= quota && rounded - quota < every / 100)
        assert.equal(systemdQuota(rounded, micros(every)), rounded)
      },
    ),
  )
})

test('a weight that shares have comes back through them', () => {
  for (const formula of ['linear', 'quadratic'] as const) {
    for (let weight = 1; weight <= 10_000; weight++) {
      const shares = sharesFromWeight(cpuWeight(weight), formula)
      const back = weightFor(shares, formula)
      // The quadratic formula skips some weights: the next lower one is right for those.
      const next = shares === 262_144 ? 10_001 : weightFor(cpuShares(shares + 1), formula)
      const ok = formula === 'linear' ? back <= weight : back <= weight && next > weight
      if (!ok) assert.fail(`${formula} weight ${weight} is ${shares} shares, weight ${back}`)
    }
  }
  assert.equal(sharesFromWeight(cpuWeight(10_000)), 262_144)
  assert.equal(sharesFromWeight(cpuWeight(10_000), 'quadratic'), 262_144)
  assert.equal(sharesFromWeight(cpuWeight(100), 'quadratic'), 1024)
})
