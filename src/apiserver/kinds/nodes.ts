import { withPodNetworks } from '../admission/defaults/pod-networks.ts'
import { validateNode, validateNodeUpdate } from '../admission/validate-node.ts'
import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { nodeColumns } from '../table/columns/node.ts'
import { statusSubresource } from './status-subresource.ts'

interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean }
}

export const nodes: Kind = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  type: 'core/v1.Node',
  subresources: [statusSubresource],
  columns: nodeColumns,
  selectable: {
    'spec.unschedulable': (object) => String((object as Node).spec?.unschedulable ?? false),
  },
  hasStatus: true,
  validateCreate: validateNode,
  validateUpdate: (old, node) => [...validateNode(node), ...validateNodeUpdate(old, node)],
  validateStatus: validateNodeUpdate,
  applyDefaults: (object) =>
    withPodNetworks(object.spec === undefined ? { ...object, spec: {} } : object),
}
