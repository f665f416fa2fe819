import { qualifiedNameProblems } from '../../labels/label-syntax.ts'
import { invalid, notSupported, type FieldError } from '../../field-error.ts'

export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-')
}

/** Devices and other things that Kubernetes itself knows nothing of: `example.com/gpu`. */
export function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/')
}

/**
 * What is wrong with the name of a resource of a container: without a domain it must be one
 * of Kubernetes' own.
 *
 * @see Kubernetes validation.go, validateContainerResourceName
 */
export function checkContainerResource(name: string, field: string): readonly FieldError[] {
  const problems = checkResource(name, field)
  if (!name.includes('/') && !isOfContainers(name)) {
    return [...problems, invalid(field, name, 'must be a standard resource for containers')]
  }
  if (isExtended(name) && name.startsWith('requests.')) {
    return [...problems, invalid(field, name, "doesn't follow extended resource name standard")]
  }
  return problems
}

/**
 * The same at pod level, where only CPU, memory and huge pages can be set.
 *
 * @see Kubernetes validation.go, validatePodResourceName
 */
export function checkPodLevelResource(name: string, field: string): readonly FieldError[] {
  const problems = checkResource(name, field)
  const known = ['cpu', 'memory'].includes(name) || isHugePages(name)
  if (problems.length > 0 || known) return problems
  return [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])]
}

function isOfContainers(name: string): boolean {
  return ['cpu', 'memory', 'ephemeral-storage'].includes(name) || isHugePages(name)
}

/** What is wrong with the name of a resource of anything. @see Kubernetes validateResourceName */
export function checkResource(name: string, field: string): readonly FieldError[] {
  const problems = qualifiedNameProblems(name).map((problem) => invalid(field, name, problem))
  if (problems.length > 0 || name.includes('/') || isStandard(name)) return problems
  return [invalid(field, name, 'must be a standard resource type or fully qualified')]
}

const standard = new Set(
  [
    'cpu memory storage ephemeral-storage',
    'requests.cpu requests.memory requests.storage requests.ephemeral-storage',
    'limits.cpu limits.memory limits.ephemeral-storage',
    'pods services replicationcontrollers resourcequotas secrets configmaps',
    'persistentvolumeclaims services.nodeports services.loadbalancers',
  ].flatMap((line) => line.split(' ')),
)

/** Names that Kubernetes has for anything: for nodes, containers or quotas. */
function isStandard(name: string): boolean {
  return standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
}
