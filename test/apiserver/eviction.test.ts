import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createKubectl, type Kubectl, type KubectlVersion } from '../support/kubectl.ts'
import { HttpsApi } from './https-api.ts'
import { podBody } from './test-api.ts'

const versions: readonly KubectlVersion[] = ['1.32', '1.36']

for (const version of versions) {
  describe(`kubectl ${version} on a node's pods`, () => {
    let server: HttpsApi
    let kubectl: Kubectl

    before(async () => {
      server = await HttpsApi.start()
      kubectl = createKubectl(server.kubeconfig, version)
      await kubectl.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } })
      const pod = podBody('web')
      await kubectl.apply({ ...pod, spec: { ...(pod['spec'] as object), nodeName: 'n1' } })
    })

    after(() => server[Symbol.asyncDispose]())

    it('is told that there are no ephemeral containers', async () => {
      const debug = await kubectl.try(['debug', 'web', '--image=busybox', '--', 'sh'])
      assert.equal(debug.code, 1)
      assert.match(debug.stderr, /ephemeral containers are disabled/)
      assert.match(debug.stderr, /podfit runs no ephemeral containers/)
    })

    it('evicts them when it drains the node', async () => {
      const args = ['drain', 'n1', '--force', '--grace-period=0', '--timeout=60s']
      assert.match(await kubectl.run(args), /pod\/web evicted|n1 drained/)
      assert.equal((await kubectl.run(['get', 'pods', '-o', 'name'])).trim(), '')
      assert.match(await kubectl.run(['get', 'nodes']), /SchedulingDisabled/)
    })
  })
}
