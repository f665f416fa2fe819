import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodSpec } from '../../pod.ts'
import { nodeRefusal } from './node-refusal.ts'

const plain = { appArmor: false }

function spec(part: Partial<PodSpec>): PodSpec {
  return { containers: [{ name: 'c' }], ...part }
}

function sysctls(name: string, part: Partial<PodSpec> = {}): PodSpec {
  return spec({ securityContext: { sysctls: [{ name, value: '1' }] }, ...part })
}

describe('nodeRefusal', () => {
  test('host ports are refused where they cannot be mapped', () => {
    const mapped = { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8080 }] }] }
    const node = { ...plain, noHostPorts: 'no iptables here' }
    assert.deepEqual(nodeRefusal(spec(mapped), node), {
      reason: 'HostPortUnsupported',
      message:
        'this node cannot map host port 8080: no iptables here; or use hostNetwork or kubectl port-forward',
    })
    assert.equal(nodeRefusal(spec({ ...mapped, hostNetwork: true }), node), undefined)
    assert.equal(nodeRefusal(spec(mapped), plain), undefined)
  })

  test('kernel settings: safe ones, and of namespaces of its own', () => {
    const cases = [
      [sysctls('kernel.msgmax'), '"kernel.msgmax" not allowlisted'],
      [sysctls('net.ipv4.tcp_syncookies'), undefined],
      [sysctls('net/ipv4/tcp_syncookies'), undefined],
      [
        sysctls('net.ipv4.tcp_syncookies', { hostNetwork: true }),
        '"net.ipv4.tcp_syncookies" not allowed with host net enabled',
      ],
      [sysctls('kernel.shm_rmid_forced', { hostNetwork: true }), undefined],
      [
        sysctls('kernel.shm_rmid_forced', { hostIPC: true }),
        '"kernel.shm_rmid_forced" not allowed with host ipc enabled',
      ],
    ] as const
    for (const [pod, problem] of cases) {
      const refusal = nodeRefusal(pod, plain)
      assert.equal(refusal?.reason, problem && 'SysctlForbidden')
      assert.equal(refusal?.message, problem && `forbidden sysctl: ${problem}`)
    }
  })

  test('AppArmor is refused where it would not be enforced', () => {
    const profile = (type: string) => ({ securityContext: { appArmorProfile: { type } } })
    const own = spec({ containers: [{ name: 'c', ...profile('Unconfined') }] })
    assert.equal(nodeRefusal(spec(profile('RuntimeDefault')), plain)?.reason, 'AppArmor')
    assert.equal(nodeRefusal(spec(profile('RuntimeDefault')), { appArmor: true }), undefined)
    assert.equal(nodeRefusal(spec(profile('Unconfined')), plain), undefined)
    assert.equal(nodeRefusal({ ...own, ...profile('RuntimeDefault') }, plain), undefined)
  })

  test('a user namespace is refused rather than left out', () => {
    assert.equal(nodeRefusal(spec({ hostUsers: false }), plain)?.reason, 'UserNamespaceUnsupported')
    assert.equal(nodeRefusal(spec({ hostUsers: true }), plain), undefined)
  })
})
