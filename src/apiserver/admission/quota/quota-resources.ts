import { isHugePages } from '../../../domain/resize/validation/resource-names.ts'

const counted: readonly string[] = [
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
]
const amounts = ['cpu', 'memory', 'ephemeral-storage']
const standard = new Set([
  ...counted,
  ...amounts.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  'requests.storage',
])

/** Names of a quota without a domain that Kubernetes knows. */
export function isStandardQuotaResource(name: string): boolean {
  return standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
}

/** Whether it is a number of objects. */
export function isCountedInQuotas(name: string): boolean {
  return counted.includes(name)
}
