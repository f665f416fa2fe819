import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestPki } from '../../../test/support/test-pki.ts'
import { requireInTime, requirePem } from './client-certificate.ts'
import { unreachable } from '../client/unreachable.ts'
import { KubeconfigError } from './kubeconfig-file.ts'

const day = 24 * 3_600_000

test('a client certificate that is out of date is named, with the day', () => {
  const { cert } = createTestPki().client('me')
  requireInTime(cert)
  requireInTime(undefined)
  assert.throws(() => requireInTime(cert, Date.now() + day), {
    name: 'KubeconfigError',
    message:
      /^Cannot log in: the client certificate of the kubeconfig has expired on \d{4}-\d\d-\d\d$/,
  })
  assert.throws(() => requireInTime(cert, Date.now() - day), {
    message: /is valid from \d{4}-\d\d-\d\d on\. Is this machine's clock right\?$/,
  })
})

test('what is not PEM is refused by name, before OpenSSL sees it', () => {
  const { key } = createTestPki().client('me')
  assert.equal(requirePem(key, 'client key'), key)
  assert.equal(requirePem(undefined, 'client key'), undefined)
  assert.throws(() => requirePem('garbage', 'client key'), {
    message: 'Cannot use the client key of the kubeconfig: it is not PEM',
  })
})

test('what went wrong before a request was sent is no server that cannot be reached', () => {
  const cause = new KubeconfigError('Cannot log in: the program ended with 3')
  const { message, reason, retry } = unreachable('https://a:6443', cause)
  assert.deepEqual([message, reason, retry], [cause.message, 'Credentials', 'soon'])
})
