import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatContainerdConfig, snapshotterIn } from './containerd-config.ts'
import { containerdPaths } from './containerd-paths.ts'

const config = {
  paths: containerdPaths('/data'),
  sandboxImage: 'podfit.dev/pause:1',
  snapshotter: 'native',
  runc: '/usr/sbin/runc',
  cniPlugins: '/usr/lib/cni',
  mayLowerOomScore: false,
} as const

test('everything lies below the data directory', () => {
  const text = formatContainerdConfig(config)
  for (const line of [
    'root = "/data/containerd/root"',
    'state = "/data/containerd/state"',
    'address = "/data/containerd/containerd.sock"',
    'conf_dir = "/data/cni/net.d"',
    'Root = "/data/containerd/state/runc"',
  ]) {
    assert.ok(text.includes(`\n${line}\n`), line)
  }
})

test('without CAP_SYS_RESOURCE OOM scores are raised instead of refused', () => {
  assert.match(formatContainerdConfig(config), /^restrict_oom_score_adj = true$/m)
  assert.match(formatContainerdConfig(config), /^oom_score = 0$/m)
  const capable = formatContainerdConfig({ ...config, mayLowerOomScore: true })
  assert.match(capable, /^restrict_oom_score_adj = false$/m)
  assert.match(capable, /^oom_score = -999$/m)
})

test('the runc runtime is spelled out', () => {
  const text = formatContainerdConfig(config)
  assert.ok(text.includes('[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]\n'))
  assert.match(text, /^runtime_type = "io.containerd.runc.v2"$/m)
})

test('the snapshotter of an earlier start is found again', () => {
  assert.equal(snapshotterIn(formatContainerdConfig(config)), 'native')
  assert.equal(snapshotterIn('version = 2'), undefined)
})

test('a data directory too long for a Unix socket is refused', () => {
  assert.throws(() => containerdPaths(`/${'d'.repeat(90)}`), /take a shorter path/)
})
