import { atLeast, parseKubeVersion } from '../../domain/kube-version.ts'
import type { KubeletPolicies } from '../cluster/kubelet-policies.ts'
import { type Check, type CheckSection, error, ok, warning } from './check.ts'
import { runtimeChecks } from './check-runtime.ts'
import type { NodeAnswer, ServerFacts } from './server-facts.ts'

/** A section for each node; with `deep` also its cgroups and its kubelet's policies. */
export function nodeSections({ nodes }: ServerFacts, deep: boolean): readonly CheckSection[] {
  if ('why' in nodes) {
    const hint = 'plan then knows nothing of room on the nodes'
    return [{ title: 'nodes', checks: [warning(`cannot be listed: ${nodes.why}`, hint)] }]
  }
  return nodes.map((node) => ({ title: `node ${node.name}`, checks: nodeChecks(node, deep) }))
}

function nodeChecks(node: NodeAnswer, deep: boolean): readonly Check[] {
  const version = parseKubeVersion(node.kubeletVersion)
  const on = version !== undefined && atLeast(version, '1.33')
  return [
    node.ready ? ok('is ready') : error('is not ready', 'nothing is resized there meanwhile'),
    on
      ? ok(`kubelet ${node.kubeletVersion}`)
      : warning(
          `kubelet ${node.kubeletVersion} needs a feature gate`,
          'enable InPlacePodVerticalScaling there, or upgrade to 1.33',
        ),
    node.os === 'linux'
      ? ok('runs Linux')
      : error(`runs ${node.os}`, 'only Linux nodes resize in place'),
    ...runtimeChecks(node, deep),
    ...(deep ? [...cgroupChecks(node), ...policyChecks(node)] : []),
  ]
}

/** How the node's cgroups are, as far as its kubelet tells. */
function cgroupChecks({ kubelet }: NodeAnswer): readonly Check[] {
  if ('why' in kubelet) return []
  const { cgroupVersion, cgroupDriver } = kubelet
  const told = [
    ...(cgroupVersion === undefined ? [] : [`cgroup ${cgroupVersion}`]),
    ...(cgroupDriver === undefined ? [] : [`the ${cgroupDriver} driver`]),
  ]
  return told.length === 0 ? [] : [ok(`has ${told.join(' and ')}`)]
}

/** Settings of a kubelet that make resizes infeasible: of some pods or, for an error, of all. */
const forbidding: readonly (readonly [(kubelet: KubeletPolicies) => boolean, Check])[] = [
  [
    ({ cpuManagerPolicy }) => cpuManagerPolicy === 'static',
    warning('cpuManagerPolicy is static', 'Guaranteed pods cannot change their CPU there'),
  ],
  [
    ({ memoryManagerPolicy }) => memoryManagerPolicy === 'Static',
    warning('memoryManagerPolicy is Static', 'Guaranteed pods cannot change their memory there'),
  ],
  [
    ({ swapBehavior }) => swapBehavior === 'LimitedSwap',
    warning(
      'pods may swap',
      'memory requests change only with resizePolicy RestartContainer there',
    ),
  ],
  [
    ({ featureGates }) => featureGates?.['InPlacePodVerticalScaling'] === false,
    error('InPlacePodVerticalScaling is off', 'the kubelet calls every resize infeasible'),
  ],
]

function policyChecks({ kubelet }: NodeAnswer): readonly Check[] {
  if ('why' in kubelet) {
    return [
      warning(
        `the kubelet's policies are not known: ${kubelet.why}`,
        'grant get on nodes/proxy, or see cpuManagerPolicy, memoryManagerPolicy and swapBehavior in its configuration',
      ),
    ]
  }
  const found = forbidding.flatMap(([applies, check]) => (applies(kubelet) ? [check] : []))
  return found.length === 0 ? [ok('no policy of the kubelet forbids resizing')] : found
}
