import assert from 'node:assert/strict'
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { containerdPaths } from '../containerd-paths.ts'
import { networkIn } from './cni-config.ts'
import { prepareNetwork } from './prepare-network.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'podfit-network-'))
after(() => rmSync(dataDir, { recursive: true }))

test('what an earlier start chose stays, and the file is replaced whole: what read it before has it still', () => {
  const paths = containerdPaths(dataDir)
  const file = join(paths.cniConfigs, '10-podfit.conflist')
  const first = prepareNetwork(paths, { dataDir, podCidr: '10.99.0.0/24' }, false)
  const old = join(dataDir, 'old')
  linkSync(file, old)
  assert.deepEqual(prepareNetwork(paths, { dataDir }, true), first)
  const second = prepareNetwork(paths, { dataDir, bridge: 'other' }, true)
  assert.deepEqual(second, { bridge: 'other', podCidr: '10.99.0.0/24' })
  assert.deepEqual(networkIn(readFileSync(file, 'utf8')), second)
  assert.deepEqual(networkIn(readFileSync(old, 'utf8')), first)
  assert.deepEqual(readdirSync(paths.cniConfigs), ['10-podfit.conflist'])
})
