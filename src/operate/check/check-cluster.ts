import { parseKubeVersion, atLeast } from '../../domain/resize/kube-version.ts'
import type { RuntimeFault } from './runtime-faults.ts'
import { driverFaults, runtimeFaults } from './runtime-faults.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'
import { missingRoles, type AskedAccess, type RoleObject } from './needed-access.ts'

export type CheckLevel = 'ok' | 'warning' | 'error'

/** One line of `podfit check`. */
export interface Check {
  readonly level: CheckLevel
  readonly text: string
  /** What would make it better; absent where all is well. */
  readonly hint?: string
}

export interface CheckSection {
  readonly title: string
  readonly checks: readonly Check[]
}

export interface CheckReport {
  readonly sections: readonly CheckSection[]
  /** The smallest roles that grant what is missing; none if nothing is. */
  readonly roles: readonly RoleObject[]
}

/** What the server says about itself and about this user. */
export interface ServerFacts {
  readonly server: string
  readonly gitVersion: string
  /** Milliseconds of one answer. */
  readonly answeredInMs: number
  /** Verbs by resource of the core group: `pods/resize` has `patch`. */
  readonly verbs: ReadonlyMap<string, readonly string[]>
  readonly access: readonly AskedAccess[]
  /** Why not, where it may not be asked. */
  readonly nodes: readonly NodeAnswer[] | { readonly why: string }
}

export interface NodeAnswer {
  readonly name: string
  readonly kubeletVersion: string
  readonly runtimeVersion: string
  readonly os: string
  readonly ready: boolean
  /** The kubelet's own configuration, or why it cannot be read. */
  readonly kubelet: KubeletSight
}

/** What this machine's kernel offers; only of use where pods run on this machine. */
export interface MachineFacts {
  readonly cgroups:
    | {
        readonly version: 'v1' | 'v2'
        readonly controllers: readonly string[]
        readonly pods: number
        readonly systemd: boolean
      }
    | { readonly why: string }
  /** What carries out resizes for containerd and CRI-O, as far as it is here: `runc://1.1.5`. */
  readonly runtimes: readonly string[]
  /** Bytes of swap in use or to be used. */
  readonly swap: boolean
}

const ok = (text: string): Check => ({ level: 'ok', text })
const warning = (text: string, hint: string): Check => ({ level: 'warning', text, hint })
const error = (text: string, hint: string): Check => ({ level: 'error', text, hint })

/** Whether this cluster, its nodes and this user can resize pods in place. Pure. */
export function checkCluster(
  server: ServerFacts,
  namespace: string,
  machine?: MachineFacts,
): CheckReport {
  const { checks, roles } = accessChecks(server, namespace)
  return {
    sections: [
      { title: 'API server', checks: serverChecks(server) },
      { title: `permissions in namespace ${namespace}`, checks },
      ...nodeSections(server, machine !== undefined),
      ...(machine === undefined ? [] : [{ title: 'this machine', checks: machineChecks(machine) }]),
    ],
    roles,
  }
}

/** The worst of all. */
export function worstLevel({ sections }: CheckReport): CheckLevel {
  const levels = new Set(sections.flatMap(({ checks }) => checks.map(({ level }) => level)))
  return (['error', 'warning'] as const).find((level) => levels.has(level)) ?? 'ok'
}

function serverChecks({ server, gitVersion, answeredInMs, verbs }: ServerFacts): readonly Check[] {
  const version = parseKubeVersion(gitVersion)
  return [
    ok(`${server} answers in ${Math.max(1, Math.round(answeredInMs))} ms`),
    versionCheck(gitVersion, version),
    resizeCheck(verbs, version),
    ...(version !== undefined && atLeast(version, '1.33') && !atLeast(version, '1.34')
      ? [warning('status.observedGeneration is not kept', 'podfit waits for conditions and sizes')]
      : []),
  ]
}

function versionCheck(gitVersion: string, version: ReturnType<typeof parseKubeVersion>): Check {
  if (version === undefined) {
    return error(
      `Kubernetes ${gitVersion || 'of an unknown version'} cannot resize in place`,
      'in-place resize came with 1.27 (alpha) and is on by default from 1.33',
    )
  }
  if (atLeast(version, '1.33')) return ok(`Kubernetes ${gitVersion} resizes in place by default`)
  return warning(
    `Kubernetes ${gitVersion} resizes in place only with a feature gate`,
    'enable InPlacePodVerticalScaling on API server and kubelets, or upgrade to 1.33',
  )
}

function resizeCheck(
  verbs: ServerFacts['verbs'],
  version: ReturnType<typeof parseKubeVersion>,
): Check {
  if (verbs.get('pods/resize')?.includes('patch') === true) return ok('pods/resize is served')
  const old = version !== undefined && !atLeast(version, '1.32')
  return old
    ? warning(
        'pods/resize is not served',
        'podfit patches the pod itself, as Kubernetes before 1.32 has it',
      )
    : error('pods/resize is not served', 'the feature gate InPlacePodVerticalScaling is off')
}

function accessChecks(
  { access: asked }: ServerFacts,
  namespace: string,
): { readonly checks: readonly Check[]; readonly roles: readonly RoleObject[] } {
  const missing: AskedAccess[] = []
  const checks = asked.map((access): Check => {
    const { verb, group, resource, use, required, clusterWide, allowed } = access
    const everywhere = clusterWide && resource === 'pods' ? ' in all namespaces' : ''
    const what = `${verb} ${[resource, group].filter(Boolean).join('.')}${everywhere}`
    if (allowed === true) return ok(what)
    if (allowed === undefined) {
      return warning(`${what}: not known`, 'the server does not take SelfSubjectAccessReviews')
    }
    missing.push(access)
    const hint = `needed to ${use}; the role below grants it${access.powerful === true ? ', and much more: with care' : ''}`
    return required ? error(`${what} is forbidden`, hint) : warning(`${what} is forbidden`, hint)
  })
  return { checks, roles: missingRoles(missing, namespace) }
}

function nodeSections({ nodes }: ServerFacts, deep: boolean): readonly CheckSection[] {
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

function runtimeChecks(node: NodeAnswer, deep: boolean): readonly Check[] {
  const { runtimeVersion, kubelet, kubeletVersion } = node
  const known = 'why' in kubelet ? {} : kubelet
  // Whoever did not ask for the cgroup version is not told of what may be with one of them.
  const faults = runtimeFaults(runtimeVersion, known.cgroupVersion).filter(
    ({ cgroups }) => deep || cgroups === undefined,
  )
  return [
    ...faultChecks(runtimeVersion, faults),
    ...driverFaults({ ...known, kubeletVersion }).map((fault) => faultCheck('kubelet', fault)),
  ]
}

function faultChecks(runtime: string, faults: readonly RuntimeFault[]): readonly Check[] {
  if (faults.length === 0) return [ok(`runtime ${runtime} has no known fault`)]
  return faults.map((fault) => faultCheck(`runtime ${runtime}`, fault))
}

function faultCheck(what: string, { text, hint, link, fatal }: RuntimeFault): Check {
  const more = link === undefined ? hint : `${hint}; ${link}`
  return (fatal ? error : warning)(`${what}: ${text}`, more)
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

/** Policies that make a resize infeasible for some pods. */
function policyChecks({ kubelet }: NodeAnswer): readonly Check[] {
  if ('why' in kubelet) {
    return [
      warning(
        `the kubelet's policies are not known: ${kubelet.why}`,
        'grant get on nodes/proxy, or see cpuManagerPolicy, memoryManagerPolicy and swapBehavior in its configuration',
      ),
    ]
  }
  const { cpuManagerPolicy, memoryManagerPolicy, swapBehavior, featureGates = {} } = kubelet
  const found = [
    ...(cpuManagerPolicy === 'static'
      ? [warning('cpuManagerPolicy is static', 'Guaranteed pods cannot change their CPU there')]
      : []),
    ...(memoryManagerPolicy === 'Static'
      ? [
          warning(
            'memoryManagerPolicy is Static',
            'Guaranteed pods cannot change their memory there',
          ),
        ]
      : []),
    ...(swapBehavior === 'LimitedSwap'
      ? [
          warning(
            'pods may swap',
            'memory requests change only with resizePolicy RestartContainer there',
          ),
        ]
      : []),
    ...(featureGates['InPlacePodVerticalScaling'] === false
      ? [error('InPlacePodVerticalScaling is off', 'the kubelet calls every resize infeasible')]
      : []),
  ]
  return found.length === 0 ? [ok('no policy of the kubelet forbids resizing')] : found
}

function machineChecks({ cgroups, runtimes, swap }: MachineFacts): readonly Check[] {
  if ('why' in cgroups) {
    return [
      warning(`has no cgroups: ${cgroups.why}`, 'run podfit on the node to verify the kernel'),
    ]
  }
  const { version, controllers, pods, systemd } = cgroups
  const missing = ['cpu', 'memory'].filter((one) => !controllers.includes(one))
  return [
    ok(`cgroup ${version}`),
    missing.length === 0
      ? ok('controllers cpu and memory are there')
      : error(
          `has no controller ${missing.join(' and ')}`,
          'enable it by the kernel command line: cgroup_enable=memory, or cgroup.subtree_control',
        ),
    pods === 0
      ? warning('no pod runs here', 'verify sees the kernel only on the node that the pod runs on')
      : ok(`${pods} cgroups of pods are here, by the ${systemd ? 'systemd' : 'cgroupfs'} driver`),
    ...runtimes.flatMap((runtime) => faultChecks(runtime, runtimeFaults(runtime, version))),
    ...(swap
      ? [warning('swap is on', 'a pod that may swap cannot change its memory request in place')]
      : []),
  ]
}
