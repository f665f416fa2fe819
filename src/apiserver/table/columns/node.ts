import type { KubeObject } from '../../kube-object.ts'
import { ageColumn, nameColumn, orNone, type Column } from '../column.ts'

interface NodeView {
  readonly spec?: { readonly unschedulable?: boolean }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly nodeInfo?: Readonly<Record<string, string>>
  }
}

function asNode(object: KubeObject): NodeView {
  return object as NodeView
}

function statusText({ spec, status }: NodeView): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown']
  if (spec?.unschedulable) words.push('SchedulingDisabled')
  return words.join(',')
}

const rolePrefix = 'node-role.kubernetes.io/'

function rolesText(object: KubeObject): string {
  const roles = Object.entries(object.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix) && key !== rolePrefix) return [key.slice(rolePrefix.length)]
    return key === 'kubernetes.io/role' && value !== '' ? [value] : []
  })
  return orNone([...new Set(roles)].toSorted().join(','))
}

function addressColumn(name: string, addressType: string): Column {
  return {
    name,
    type: 'string',
    description: `The node's address of the type ${addressType}.`,
    wide: true,
    cell: (object) =>
      orNone(asNode(object).status?.addresses?.find(({ type }) => type === addressType)?.address),
  }
}

function infoColumn(name: string, field: string, description: string): Column {
  return {
    name,
    type: 'string',
    description,
    wide: true,
    cell: (object) => asNode(object).status?.nodeInfo?.[field] || '<unknown>',
  }
}

export const nodeColumns: readonly Column[] = [
  nameColumn,
  {
    name: 'Status',
    type: 'string',
    description: 'Whether the node is ready and takes new pods.',
    cell: (object) => statusText(asNode(object)),
  },
  {
    name: 'Roles',
    type: 'string',
    description: 'The roles that labels give the node.',
    cell: rolesText,
  },
  ageColumn,
  {
    name: 'Version',
    type: 'string',
    description: 'The version of the node agent.',
    cell: (object) => asNode(object).status?.nodeInfo?.['kubeletVersion'] ?? '',
  },
  addressColumn('Internal-IP', 'InternalIP'),
  addressColumn('External-IP', 'ExternalIP'),
  infoColumn('OS-Image', 'osImage', 'The operating system.'),
  infoColumn('Kernel-Version', 'kernelVersion', 'The version of the kernel.'),
  infoColumn('Container-Runtime', 'containerRuntimeVersion', 'The container runtime.'),
]
