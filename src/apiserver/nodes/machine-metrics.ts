import { milliValue, parseQuantity, wholeValue } from '../../domain/quantity/quantity.ts'
import type { ResourceList } from '../../domain/pod.ts'
import type { KubeObject } from '../kube-object.ts'
import type { Family } from './prometheus-text.ts'

/** What is looked at of a node's status. */
interface MachineView {
  readonly capacity?: ResourceList
  readonly nodeInfo?: {
    readonly bootID?: string
    readonly machineID?: string
    readonly systemUUID?: string
  }
}

/**
 * The size of the node's machine, as cAdvisor tells it.
 *
 * @see cadvisor metrics/prometheus_machine.go
 */
export function machineFamilies({ status }: KubeObject): readonly Family[] {
  const { capacity, nodeInfo } = (status ?? {}) as MachineView
  const { bootID = '', machineID = '', systemUUID = '' } = nodeInfo ?? {}
  const labels = { boot_id: bootID, machine_id: machineID, system_uuid: systemUUID }
  const [cpu, memory] = ['cpu', 'memory'].map((name) => parseQuantity(capacity?.[name] ?? ''))
  const gauge = (name: string, help: string, value: number | undefined): Family => ({
    name,
    type: 'gauge',
    help,
    samples: value === undefined ? [] : [{ labels, value }],
  })
  return [
    gauge('machine_cpu_cores', 'Number of logical CPU cores.', cpu && milliValue(cpu) / 1000),
    gauge(
      'machine_memory_bytes',
      'Amount of memory installed on the machine.',
      memory && wholeValue(memory),
    ),
  ]
}
