import type { KubeObject } from '../../kube-object.ts'
import { ageColumn, nameColumn, orNone, type Column } from '../column.ts'

interface Ingress {
  readonly ip?: string
  readonly hostname?: string
}

interface ServiceView {
  readonly spec?: {
    readonly type?: string
    readonly clusterIP?: string
    readonly clusterIPs?: readonly string[]
    readonly externalIPs?: readonly string[]
    readonly externalName?: string
    readonly ports?: readonly {
      readonly port: number
      readonly nodePort?: number
      readonly protocol?: string
    }[]
    readonly selector?: Readonly<Record<string, string>>
  }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly Ingress[] } }
}

function asService(object: KubeObject): ServiceView {
  return object as ServiceView
}

function externalText({ spec, status }: ServiceView): string {
  if (spec?.type === 'ExternalName') return orNone(spec.externalName)
  const balanced =
    spec?.type === 'LoadBalancer'
      ? (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '')
      : []
  const addresses = [...balanced, ...(spec?.externalIPs ?? [])]
  if (addresses.length > 0) return addresses.join(',')
  return spec?.type === 'LoadBalancer' ? '<pending>' : '<none>'
}

function portsText({ spec }: ServiceView): string {
  const ports = (spec?.ports ?? []).map(({ port, nodePort, protocol }) => {
    const outside = nodePort ? `:${nodePort}` : ''
    return `${port}${outside}/${protocol ?? 'TCP'}`
  })
  return orNone(ports.join(','))
}

function selectorText({ spec }: ServiceView): string {
  const terms = Object.entries(spec?.selector ?? {}).map(([key, value]) => `${key}=${value}`)
  return orNone(terms.toSorted().join(','))
}

function column(name: string, description: string, of: (service: ServiceView) => string): Column {
  return { name, type: 'string', description, cell: (object) => of(asService(object)) }
}

export const serviceColumns: readonly Column[] = [
  nameColumn,
  column('Type', 'How the service is reached.', ({ spec }) => spec?.type ?? 'ClusterIP'),
  column('Cluster-IP', 'Its address inside the cluster.', ({ spec }) =>
    orNone(spec?.clusterIPs?.[0] ?? spec?.clusterIP),
  ),
  column('External-IP', 'Its addresses outside the cluster.', externalText),
  column('Port(s)', 'Its ports.', portsText),
  ageColumn,
  { ...column('Selector', 'The labels of its pods.', selectorText), wide: true },
]
