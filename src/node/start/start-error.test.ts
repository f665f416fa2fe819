import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartError } from './start-error.ts'

function failed(code: string, message: string): StartError {
  return new StartError('RunContainerError', Object.assign(new Error(message), { code }))
}

test('what is not known to have failed is explained, and is no failure of the program', () => {
  const error = failed('deadlineExceeded', 'no answer from the container runtime within 9 ms')
  assert.deepEqual([error.unanswered, error.cgroup, error.outlook], [true, false, 'transient'])
  assert.match(error.failure.message, /within 9 ms \(the container runtime did not answer: look/)
})

test('so is a cgroup that keeps it from starting', () => {
  const error = failed('unknown', 'unable to apply cgroup configuration: device or resource busy')
  assert.deepEqual([error.unanswered, error.cgroup], [false, true])
  assert.match(error.failure.message, /busy \(the kernel does not take the value/)
})

test('of a program that is not there the words of the runtime are enough', () => {
  const text = 'exec: "/no/such/program": stat /no/such/program: no such file or directory'
  const error = failed('unknown', text)
  assert.deepEqual([error.unanswered, error.cgroup, error.failure.message], [false, false, text])
})
