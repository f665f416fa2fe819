import type { Container, Pod, PodSpec, ResourceList } from '../../../domain/pod.ts'
import { milliValue, parseQuantity } from '../../../domain/quantity/quantity.ts'

/**
 * What is odd about a new pod, and is taken all the same: texts for `Warning` headers.
 *
 * @see Kubernetes pkg/api/pod/warnings.go, of which these are the ones for what podfit runs
 */
export function podWarnings({ spec }: Pod): readonly string[] {
  return [
    ...repeats(spec.hostAliases ?? [], ({ ip }) => ip).map(
      ([index, ip]) => `spec.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`,
    ),
    ...repeats(spec.imagePullSecrets ?? [], ({ name = '' }) => name).map(
      ([index, name]) =>
        `spec.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(name)}`,
    ),
    ...containersOf(spec).flatMap(([container, path]) => [
      ...fractions(container.resources?.limits, `${path}.resources.limits`),
      ...fractions(container.resources?.requests, `${path}.resources.requests`),
      ...hiddenVariables(container, path),
    ]),
    ...repeatedPorts(spec),
  ]
}

type Located = readonly [Container, string]

function containersOf({ containers, initContainers = [] }: PodSpec): readonly Located[] {
  return [
    ...initContainers.map((one, index): Located => [one, `spec.initContainers[${index}]`]),
    ...containers.map((one, index): Located => [one, `spec.containers[${index}]`]),
  ]
}

/** Kubernetes takes a tenth of a byte: who writes `100m` of memory has most likely meant `100M`. */
function fractions(list: ResourceList | undefined, path: string): readonly string[] {
  return ['memory', 'ephemeral-storage'].flatMap((resource) => {
    const value = list?.[resource]
    const quantity = value === undefined ? undefined : parseQuantity(value)
    if (quantity === undefined || milliValue(quantity) % 1000 === 0) return []
    const text = JSON.stringify(value)
    return [`${path}[${resource}]: fractional byte value ${text} is invalid, must be an integer`]
  })
}

/** A later variable may build upon the earlier one of its name; otherwise that one is lost. */
function hiddenVariables({ env = [] }: Container, path: string): readonly string[] {
  return repeats(env, ({ name }) => name).flatMap(([index, name]) => {
    const { value = '', valueFrom } = env[index] ?? {}
    const earlier = `$(${name})`
    if (valueFrom === undefined && value !== earlier && value.includes(earlier)) return []
    const what = `hides previous definition of ${JSON.stringify(name)}`
    return [`${path}.env[${index}]: ${what}, which may be dropped when using apply`]
  })
}

function repeatedPorts(spec: PodSpec): readonly string[] {
  const ports = containersOf(spec).flatMap(([{ ports: own = [] }, path]) =>
    own.map((port, index) => ({ port, path: `${path}.ports[${index}]` })),
  )
  const keyOf = ({ port }: (typeof ports)[number]) =>
    [port.containerPort, port.protocol ?? 'TCP', port.hostIP ?? '', port.hostPort ?? 0].join('/')
  return repeats(ports, keyOf).map(([index, key]) => {
    const first = ports.find((one) => keyOf(one) === key)
    return `${ports[index]?.path}: duplicate port definition with ${first?.path}`
  })
}

/** Index and key of each item whose key an earlier one has. */
function repeats<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): readonly (readonly [number, string])[] {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const key = keyOf(item)
    if (seen.has(key)) return [[index, key] as const]
    seen.add(key)
    return []
  })
}
