import assert from 'node:assert/strict'
import { test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { containerConfigToWire } from '../container/container-config.ts'
import { ContainerConfigSchema } from '../generated/runtime/v1/container_pb.ts'
import {
  PodSandboxConfigSchema,
  PodSandboxStatusSchema,
} from '../generated/runtime/v1/sandbox_pb.ts'
import { podSandboxConfigToWire, podSandboxStatusFromWire } from './pod-sandbox.ts'

const metadata = { name: 'web', uid: 'u1', namespace: 'default', attempt: 2 }

test('namespaces default to those of Kubernetes', () => {
  const wire = create(PodSandboxConfigSchema, podSandboxConfigToWire({ metadata }))
  const { network, pid, ipc } = wire.linux?.securityContext?.namespaceOptions ?? {}
  assert.deepEqual({ network, pid, ipc }, { network: 0, pid: 1, ipc: 0 })
})

test('user 0 is sent, no user is not', () => {
  const config = { metadata: { name: 'c', attempt: 0 }, image: 'i' }
  const plain = create(ContainerConfigSchema, containerConfigToWire(config))
  assert.equal(plain.linux?.securityContext?.runAsUser, undefined)
  const linux = { securityContext: { runAsUser: 0, supplementalGroups: [5] } }
  const root = create(ContainerConfigSchema, containerConfigToWire({ ...config, linux }))
  assert.equal(root.linux?.securityContext?.runAsUser?.value, 0n)
  assert.deepEqual(root.linux?.securityContext?.supplementalGroups, [5n])
})

test('the addresses of a status are the primary one and the others', () => {
  const network = { ip: '10.0.0.2', additionalIps: [{ ip: 'fd00::2' }] }
  const wire = create(PodSandboxStatusSchema, { id: 's', createdAt: 1_500_000n, network })
  const status = podSandboxStatusFromWire(wire)
  assert.deepEqual(status.ips, ['10.0.0.2', 'fd00::2'])
  assert.equal(status.createdAt, 1.5)
  assert.equal(status.state, 'ready')
  const without = podSandboxStatusFromWire(create(PodSandboxStatusSchema, { network: {} }))
  assert.deepEqual(without.ips, [])
})
