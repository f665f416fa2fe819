import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorFromStatus } from '../../kube/client/kube-error.ts'
import { readTargets } from './targets.ts'

const refusing = (code: number, message: string) => ({
  pods: {
    list: () => Promise.reject(errorFromStatus({ code, message })),
    read: () => Promise.reject(new Error('not asked')),
    watch: () => Promise.reject(new Error('not asked')),
  },
  namespace: 'shop',
})

const labels = { kind: 'selected', labelSelector: 'app in (', allNamespaces: false } as const
const { signal } = new AbortController()

test('labels that the server cannot read are a wrong command line', async () => {
  const said = "unable to parse requirement: found '', expected: ',' or ')'"
  await assert.rejects(readTargets(refusing(400, said) as never, labels, 'get', signal), {
    exit: 'usage',
    message: `Cannot choose pods by -l 'app in (': ${said}`,
  })
})

test('other refusals of the server stay what they are', async () => {
  await assert.rejects(readTargets(refusing(403, 'not you') as never, labels, 'get', signal), {
    code: 403,
    message: 'not you',
  })
})
