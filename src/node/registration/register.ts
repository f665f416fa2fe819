import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity/quantity.ts'
import type { ResourceList } from '../../domain/pod.ts'
import { timestamp } from '../../domain/timestamp.ts'
import type { Api } from '../api/api.ts'
import { isStatusCode } from '../api/api.ts'
import type { Machine } from './machine.ts'

export interface NodeIdentity {
  readonly name: string
  readonly machine: Machine
  /** Of the network of the pods; empty where it is that of a runtime of somebody else. */
  readonly podCidr: string
  /** As the runtime names itself: `containerd://1.6.20`. */
  readonly runtimeVersion: string
  readonly kubeletVersion: string
  readonly maxPods: number
  /** What it can do that not every node can, for the API server to know. */
  readonly declaredFeatures: readonly string[]
}

const heartbeatMs = 10_000

/** What pods may take of this machine: all of it. Quantities as Kubernetes prints them. */
export function nodeCapacity({ machine, maxPods }: NodeIdentity): ResourceList {
  return {
    cpu: milliCpuQuantity(machine.cpu),
    'ephemeral-storage': bytesQuantity(machine.disk),
    memory: bytesQuantity(machine.memory),
    pods: String(maxPods),
  }
}

/**
 * Makes the node object say what this machine is, keeping what others wrote
 * (labels, taints, extended resources), and marks it ready.
 */
export async function registerNode(api: Api, identity: NodeIdentity, now: Date): Promise<void> {
  const { name } = identity
  await api.create('/api/v1/nodes', nodeObject(identity)).catch((error: unknown) => {
    if (!isStatusCode(error, 409)) throw error
  })
  await api.patch(`/api/v1/nodes/${name}`, 'strategic', {
    metadata: { labels: nodeLabels(identity) },
    spec: nodeSpec(identity),
  })
  await api.patch(`/api/v1/nodes/${name}/status`, 'strategic', {
    status: nodeStatus(identity, now),
  })
}

/**
 * Renews the node's lease every 10 s, as the kubelet does, until `signal`
 * aborts. Failures are told and tried again: a lease is a sign of life only.
 */
export function keepHeartbeat(
  api: Api,
  name: string,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): void {
  const beat = (): void => void renewLease(api, name, new Date()).catch(onError)
  const timer = setInterval(beat, heartbeatMs)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  beat()
}

async function renewLease(api: Api, name: string, now: Date): Promise<void> {
  const collection = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
  // MicroTime has six digits after the point.
  const renewTime = now.toISOString().replace('Z', '000Z')
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime }
  try {
    await api.patch(`${collection}/${name}`, 'merge', { spec })
  } catch (error) {
    if (!isStatusCode(error, 404)) throw error
    await api.create(collection, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      spec,
    })
  }
}

function nodeLabels({ name, machine }: NodeIdentity): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': machine.architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': machine.architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
  }
}

/** An empty network would be refused. */
function nodeSpec({ podCidr }: NodeIdentity): object {
  return podCidr === '' ? {} : { podCIDR: podCidr, podCIDRs: [podCidr] }
}

function nodeObject(identity: NodeIdentity): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: identity.name, labels: nodeLabels(identity) },
    spec: nodeSpec(identity),
  }
}

function nodeStatus(identity: NodeIdentity, now: Date): object {
  const { machine } = identity
  const capacity = nodeCapacity(identity)
  return {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: 'InternalIP', address: machine.address },
      { type: 'Hostname', address: machine.hostname },
    ],
    conditions: nodeConditions(now),
    ...(identity.declaredFeatures.length > 0 && { declaredFeatures: identity.declaredFeatures }),
    nodeInfo: {
      architecture: machine.architecture,
      bootID: machine.bootId,
      containerRuntimeVersion: identity.runtimeVersion,
      kernelVersion: machine.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: identity.kubeletVersion,
      machineID: machine.machineId,
      operatingSystem: 'linux',
      osImage: machine.osImage,
      systemUUID: machine.machineId,
    },
  }
}

function nodeConditions(now: Date): readonly object[] {
  const at = timestamp(now)
  const condition = (type: string, status: string, reason: string, message: string): object => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  })
  return [
    condition(
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition(
      'PIDPressure',
      'False',
      'KubeletHasSufficientPID',
      'kubelet has sufficient PID available',
    ),
    condition('Ready', 'True', 'KubeletReady', 'podfit is posting ready status'),
  ]
}
