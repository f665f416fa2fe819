import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { createKubectl } from '../support/kubectl.ts'
import { startPodfit } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'

function pod(name: string, spec: object = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000'] }],
      ...spec,
    },
  }
}

describe('the token of a pod', () => {
  test('is where programs look for it, lets them in, and ends with the pod', async () => {
    await using podfit = await startPodfit()
    const kubectl = createKubectl(podfit.kubeconfig)
    await kubectl.run(['create', 'serviceaccount', 'bot'])
    const bot = { serviceAccountName: 'bot' }
    await kubectl.apply(pod('web', bot))
    await kubectl.apply(pod('bare', { ...bot, automountServiceAccountToken: false }))
    for (const name of ['web', 'bare']) {
      await waitUntil(
        `pod ${name} to run`,
        () => kubectl.get<Pod>(['pod', name]),
        ({ status }) => status?.containerStatuses?.[0]?.state?.running !== undefined,
        { withinMs: 20_000 },
      )
    }
    const read = (file: string) => kubectl.run(['exec', 'web', '--', 'cat', `${mountPath}/${file}`])
    const [token, certificate, namespace] = [
      await read('token'),
      await read('ca.crt'),
      await read('namespace'),
    ]
    assert.equal(namespace, 'default')
    const bare = await kubectl.try(['exec', 'bare', '--', 'ls', mountPath])
    assert.notEqual(bare.code, 0)

    const kubeconfig = join(podfit.scratchDir, 'as-the-pod')
    const authority = Buffer.from(certificate).toString('base64')
    const cluster = { server: podfit.server, 'certificate-authority-data': authority }
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }
    await writeFile(kubeconfig, JSON.stringify(config))
    const inside = createKubectl(kubeconfig)
    const { userInfo } = JSON.parse(await inside.run(['auth', 'whoami', '-o', 'json'])).status
    assert.equal(userInfo.username, 'system:serviceaccount:default:bot')
    assert.deepEqual(userInfo.extra['authentication.kubernetes.io/pod-name'], ['web'])
    const echo = await inside.run(['exec', 'web', '--', 'echo', 'by token'])
    assert.equal(echo, 'by token\n')
    await kubectl.run(['delete', 'pod', 'web', '--now'])
    const after = await inside.try(['get', 'pods'])
    assert.match(after.stderr, /must be logged in|Unauthorized/)
  })
})
