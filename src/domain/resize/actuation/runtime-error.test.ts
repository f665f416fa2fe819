import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classifyRuntimeError, explainRuntimeError } from './runtime-error.ts'

const table = [
  ['runc did not terminate successfully: exit status 1: unable to freeze', 'transient'],
  ['container init was OOM-killed (memory limit too low?)', 'conditional'],
  ['missing container memory usage', 'transient'],
  [
    'cannot decrease memory limits: attempting to set pod memory limit (1) below current usage (2)',
    'conditional',
  ],
  ['write memory.limit_in_bytes: device or resource busy', 'conditional'],
  ['rpc error: code = DeadlineExceeded desc = context deadline exceeded', 'transient'],
  ['no answer from the container runtime within 30000 ms', 'transient'],
  ['cannot reach the container runtime: connect ENOENT /run/x.sock', 'transient'],
  ['rpc error: code = Unavailable desc = connection refused', 'transient'],
  ['rpc error: code = Unimplemented desc = unknown method', 'permanent'],
  ['open cpu.max: read-only file system', 'permanent'],
  ['write cpu.cfs_quota_us: invalid argument', 'permanent'],
  ['open /sys/fs/cgroup/x/cpu.max: no such file or directory', 'permanent'],
  ['container not found', 'transient'],
  ['something new', 'unknown'],
] as const

for (const [message, outlook] of table) {
  test(`${message}: ${outlook}`, () => {
    assert.equal(classifyRuntimeError(message).outlook, outlook)
  })
}

test('what is explained is still known for what it is, and begins with the words of the runtime', () => {
  for (const [message, outlook] of table) {
    const explained = explainRuntimeError(message)
    assert.ok(explained.startsWith(message))
    assert.equal(explained === message, outlook === 'unknown')
    assert.deepEqual(classifyRuntimeError(explained), classifyRuntimeError(message))
  }
})
