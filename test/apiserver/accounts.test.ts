import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createKubectl, type Kubectl, type KubectlVersion } from '../support/kubectl.ts'
import { HttpsApi } from './https-api.ts'
import { podBody } from './test-api.ts'

const versions: readonly KubectlVersion[] = ['1.32', '1.36']

for (const version of versions) {
  describe(`service accounts by kubectl ${version}`, () => {
    let server: HttpsApi
    let kubectl: Kubectl
    /** Knows the server's certificate and nothing else. */
    let stranger: Kubectl

    before(async () => {
      server = await HttpsApi.start()
      kubectl = createKubectl(server.kubeconfig, version)
      const kubeconfig = join(server.directory, 'stranger')
      const authority = Buffer.from(server.pki.authority.certificate).toString('base64')
      const cluster = { server: server.serving.url, 'certificate-authority-data': authority }
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: '' } }],
        'current-context': 'c',
      }
      await writeFile(kubeconfig, JSON.stringify(config))
      stranger = createKubectl(kubeconfig, version)
    })

    after(() => server[Symbol.asyncDispose]())

    it('have tokens that let them in', async () => {
      await kubectl.run(['create', 'serviceaccount', 'bot'])
      const token = (await kubectl.run(['create', 'token', 'bot', '--duration', '20m'])).trim()
      const me = await stranger.run(['auth', 'whoami', '--token', token, '-o', 'json'])
      const { userInfo } = JSON.parse(me).status
      assert.equal(userInfo.username, 'system:serviceaccount:default:bot')
      assert.ok(userInfo.groups.includes('system:serviceaccounts:default'))
      const namespaces = await stranger.run(['get', 'namespaces', '--token', token, '-o', 'name'])
      assert.match(namespaces, /namespace\/default/)
      await kubectl.run(['delete', 'serviceaccount', 'bot'])
      const gone = await stranger.try(['get', 'namespaces', '--token', token])
      assert.match(gone.stderr, /must be logged in|Unauthorized/)
    })

    it('are not needed to be told what one may do', async () => {
      assert.equal((await kubectl.run(['auth', 'can-i', 'delete', 'pods'])).trim(), 'yes')
      assert.match(await kubectl.run(['auth', 'can-i', '--list']), /\*\.\*/)
      assert.match(await kubectl.run(['auth', 'whoami']), /podfit-admin/)
    })

    it('find the certificate of the server in every namespace', async () => {
      const map = await kubectl.get<{ data: Record<string, string> }>([
        'configmap',
        'kube-root-ca.crt',
      ])
      assert.equal(map.data['ca.crt'], server.pki.authority.certificate)
    })

    it('show quotas and limits', async () => {
      await kubectl.run(['create', 'namespace', 'held'])
      await kubectl.run(['create', 'quota', 'q', '--hard', 'pods=1,cpu=1', '-n', 'held'])
      const pod = podBody('one')
      await kubectl.run(['apply', '-n', 'held', '-f', '-'], { input: JSON.stringify(pod) })
      assert.match(await kubectl.run(['get', 'quota', '-n', 'held']), /cpu: 100m\/1, pods: 1\/1/)
      assert.match(await kubectl.run(['describe', 'quota', '-n', 'held']), /cpu\s+100m\s+1/)
      const second = JSON.stringify(podBody('two'))
      const refused = await kubectl.try(['create', '-n', 'held', '-f', '-'], { input: second })
      assert.match(refused.stderr, /\(Forbidden\).*exceeded quota: q, requested: pods=1/)
      await kubectl.run(['create', 'priorityclass', 'high', '--value', '1000'])
      assert.match(await kubectl.run(['get', 'priorityclass']), /high\s+1000/)
      await kubectl.run(['delete', 'namespace', 'held', '--timeout', '60s'])
    })
  })
}

describe('the key of service account tokens', () => {
  it('is made once and readable by its owner only', async () => {
    await using server = await HttpsApi.start()
    const path = join(server.directory, 'pki', 'sa.key')
    const { stat } = await import('node:fs/promises')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    await rm(path)
  })
})
