import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultDataDir } from '../default-data-dir.ts'
import { bridgeName, choosePodCidr, isPodCidr } from './pod-network.ts'

const header =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const defaultRoute = 'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n'

function route(destination: string, mask: string): string {
  return `br0\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0\n`
}

test('the default directory has the plain names', () => {
  assert.equal(bridgeName(defaultDataDir), 'podfit0')
  assert.equal(choosePodCidr(defaultDataDir, header + defaultRoute), '10.87.0.0/16')
})

test('another directory has a bridge and a network of its own', () => {
  assert.match(bridgeName('/tmp/x'), /^pf-[0-9a-f]{8}$/)
  assert.match(choosePodCidr('/tmp/x', header), /^10\.(6[4-9]|[78]\d|9[0-5])\.\d+\.0\/24$/)
  assert.notEqual(choosePodCidr('/tmp/x', header), choosePodCidr('/tmp/y', header))
})

test('a network that is taken is not chosen', () => {
  const first = choosePodCidr('/tmp/x', header)
  const [, high, low] = first.split('.').map(Number)
  const hex = [0, low, high, 10].map((byte) => (byte ?? 0).toString(16).padStart(2, '0')).join('')
  const second = choosePodCidr('/tmp/x', header + route(hex.toUpperCase(), '00FFFFFF'))
  assert.notEqual(second, first)
})

test('the default network steps aside for any route inside it', () => {
  const inside = route('0003570A', '00FFFFFF')
  assert.match(choosePodCidr(defaultDataDir, header + inside), /\/24$/)
})

test('a network for pods is one of IPv4, without bits beyond its mask', () => {
  for (const good of ['10.87.0.0/16', '10.0.0.0/8', '192.168.7.128/25', '172.16.0.248/29']) {
    assert.equal(isPodCidr(good), true, good)
  }
  for (const bad of [
    'banana',
    '10.87.0.0',
    '10.87.0.0/33',
    '10.87.0.0/0',
    '10.87.0.1/24',
    '10.87.1.0/16',
    '10.87.0.256/24',
    'fd00::/64',
  ]) {
    assert.equal(isPodCidr(bad), false, bad)
  }
})
