import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classifyRuntimeError } from './runtime-error.ts'

for (const [message, outlook] of [
  ['missing container memory usage', 'transient'],
  [
    'cannot decrease memory limits: attempting to set pod memory limit (1) below current usage (2)',
    'conditional',
  ],
  ['write memory.limit_in_bytes: device or resource busy', 'conditional'],
  ['rpc error: code = DeadlineExceeded desc = context deadline exceeded', 'transient'],
  ['rpc error: code = Unavailable desc = connection refused', 'transient'],
  ['rpc error: code = Unimplemented desc = unknown method', 'permanent'],
  ['open cpu.max: read-only file system', 'permanent'],
  ['write cpu.cfs_quota_us: invalid argument', 'permanent'],
  ['open /sys/fs/cgroup/x/cpu.max: no such file or directory', 'permanent'],
  ['container not found', 'transient'],
  ['something new', 'unknown'],
] as const) {
  test(`${message}: ${outlook}`, () => {
    assert.equal(classifyRuntimeError(message).outlook, outlook)
  })
}
