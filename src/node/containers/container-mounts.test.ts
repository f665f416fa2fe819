import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { Container, Pod } from '../../domain/pod.ts'
import { bytes } from '../../domain/units.ts'
import { containerMounts } from './container-mounts.ts'
import { PodVolumes } from '../volumes/pod-volumes.ts'

let podsDir = ''
beforeEach(() => {
  podsDir = mkdtempSync(join(tmpdir(), 'podfit-mounts-'))
})
afterEach(() => rmSync(podsDir, { recursive: true }))

test('what the node writes is read-only, whatever the container asks for', async () => {
  const volumes = [
    { name: 'map', configMap: { name: 'm' } },
    { name: 'secret', secret: { secretName: 's' } },
    { name: 'me', downwardAPI: { items: [] } },
    { name: 'all', projected: { sources: [] } },
    { name: 'disk', emptyDir: {} },
    { name: 'host', hostPath: { path: '/srv' } },
  ]
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}`, readOnly: false }))
  const container: Container = { name: 'main', volumeMounts }
  const pod: Pod = {
    metadata: { name: 'p', uid: 'u' },
    spec: { containers: [container], volumes },
  }
  const mounts = await containerMounts(pod, container, {
    volumes: new PodVolumes(podsDir, bytes(2 ** 30)),
    attempt: 0,
    podIPs: [],
    variables: [],
  })
  const writable = mounts.filter((one) => !one.readonly).map((one) => one.containerPath)
  assert.deepEqual(writable, ['/disk', '/host', '/etc/hosts', '/dev/termination-log'])
})
