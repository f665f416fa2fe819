import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callOfRunc } from './end-hanging-calls.ts'

const state = '/data/containerd/state'
const directory = `${state}/io.containerd.runtime.v2.task/k8s.io/c1`
const root = ['--root', '/run/containerd/runc/k8s.io']
const kill = ['runc', ...root, '--log', `${directory}/log.json`, '--log-format', 'json', 'kill']

test('what runc does, and for which container, by the log that the shim names', () => {
  const call = { verb: 'kill', directory }
  assert.deepEqual(callOfRunc([...kill, 'c1', '15'], state), call)
  assert.deepEqual(callOfRunc(['/bin/sh', '/opt/runc', ...kill.slice(1), 'c1'], state), call)
})

test('calls of another containerd, and other processes, are left alone', () => {
  assert.equal(callOfRunc([...kill, 'c1', '15'], '/other/state'), undefined)
  const shim = ['containerd-shim-runc-v2', '-id', 'c1', '-address', `${state}/containerd.sock`]
  assert.equal(callOfRunc(shim, state), undefined)
  assert.equal(callOfRunc(['runc', 'init'], state), undefined)
  assert.equal(callOfRunc([], state), undefined)
})
