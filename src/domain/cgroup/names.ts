import type { QosClass } from '../resources/qos.ts'

/** Who manages the cgroups of a node: the kubelet through files, or systemd through units. */
export type CgroupDriver = 'cgroupfs' | 'systemd'

/**
 * The path of the cgroup above all pods of a QoS class, below the cgroup mount:
 * `/kubepods/burstable` or `/kubepods.slice/kubepods-burstable.slice`. Guaranteed pods have
 * no class of their own: theirs is the cgroup above all pods, `/kubepods`.
 *
 * `root` is what goes before, in cgroupfs words: `/` or `/kubelet`.
 *
 * @see kubelet's pkg/kubelet/cm/node_container_manager_linux.go and qos_container_manager_linux.go.
 */
export function qosCgroupPath(root: string, qos: QosClass, driver: CgroupDriver): string {
  return pathOf(qosComponents(root, qos), driver)
}

/** The path of a pod's cgroup: `/kubepods/burstable/pod<UID>` or the slice that systemd makes of it. */
export function podCgroupPath(
  root: string,
  qos: QosClass,
  uid: string,
  driver: CgroupDriver,
): string {
  return pathOf([...qosComponents(root, qos), `pod${uid}`], driver)
}

function qosComponents(root: string, qos: QosClass): readonly string[] {
  const above = root.split('/').filter((component) => component !== '')
  switch (qos) {
    case 'Guaranteed':
      return [...above, 'kubepods']
    case 'Burstable':
      return [...above, 'kubepods', 'burstable']
    case 'BestEffort':
      return [...above, 'kubepods', 'besteffort']
    default:
      return qos satisfies never
  }
}

function pathOf(components: readonly string[], driver: CgroupDriver): string {
  switch (driver) {
    case 'cgroupfs':
      return `/${components.join('/')}`
    case 'systemd':
      return `/${expandSlice(`${components.map(escapeForSystemd).join('-')}.slice`)}`
    default:
      return driver satisfies never
  }
}

/**
 * The class whose pods are right below the cgroup at `path`, by its name alone, under any
 * prefix and with either driver. Guaranteed is the cgroup above all pods.
 */
export function qosCgroupName(path: string): QosClass | undefined {
  const parts = path.split('/')
  const last = parts.at(-1) ?? ''
  const above = parts.at(-2) ?? ''
  const systemd = /^(?:[^/]+-)?kubepods(-burstable|-besteffort)?\.slice$/.exec(last)
  if (systemd !== null) return classNames[systemd[1]?.slice(1) ?? '']
  if (last === 'kubepods') return 'Guaranteed'
  return above === 'kubepods' && last !== '' ? classNames[last] : undefined
}

const classNames: Readonly<Record<string, QosClass>> = {
  '': 'Guaranteed',
  burstable: 'Burstable',
  besteffort: 'BestEffort',
}

/** A dash separates the levels of a slice, so the name of one level has `_` in its place. */
function escapeForSystemd(component: string): string {
  return component.replaceAll('-', '_')
}

/**
 * The path at which systemd puts a slice: `a-b-c.slice` is `a.slice/a-b.slice/a-b-c.slice`.
 *
 * @throws RangeError if `slice` is not the name of a slice.
 * @see systemd.slice(5)
 */
export function expandSlice(slice: string): string {
  if (!/^[^/-]+(-[^/-]+)*\.slice$/.test(slice)) {
    throw new RangeError(
      `Cannot expand "${slice}": a slice is named part-part.slice, without empty parts or "/"`,
    )
  }
  const parts = slice.slice(0, -'.slice'.length).split('-')
  return parts.map((_, last) => `${parts.slice(0, last + 1).join('-')}.slice`).join('/')
}

/**
 * The path of the cgroup that a runtime was told in OCI's `linux.cgroupsPath`: a path as it
 * is, or `slice:prefix:name` for systemd. Undefined for what is neither.
 *
 * @see opencontainers/runc docs/systemd.md; an empty slice is `system.slice`.
 */
export function ociCgroupPath(cgroupsPath: string): string | undefined {
  if (cgroupsPath.startsWith('/')) return cgroupsPath
  const [slice, prefix, name, ...rest] = cgroupsPath.split(':')
  if (slice === undefined || prefix === undefined || name === undefined || rest.length > 0) {
    return undefined
  }
  const above = slice === '' ? 'system.slice' : slice
  if (!above.endsWith('.slice') || above === '-.slice') return undefined
  return `/${expandSlice(above)}/${prefix === '' ? '' : `${prefix}-`}${name}.scope`
}

/** The container runtimes whose names for cgroups are known. */
export type NamingRuntime = 'containerd' | 'cri-o'

/**
 * The path of a container's cgroup. Below the pod's, each runtime has its own name for it.
 * crun may put the processes one level deeper; the limits are here.
 *
 * @see containerd internal/cri/server/helpers.go, getCgroupsPath; cri-o internal/config/cgmgr.
 */
export function containerCgroupPath(
  podPath: string,
  containerId: string,
  driver: CgroupDriver,
  runtime: NamingRuntime = 'containerd',
): string {
  return `${podPath}/${containerLeaf(containerId, driver, runtime)}`
}

function containerLeaf(id: string, driver: CgroupDriver, runtime: NamingRuntime): string {
  const isUnit = driver === 'systemd'
  switch (runtime) {
    case 'containerd':
      return isUnit ? `cri-containerd-${id}.scope` : id
    case 'cri-o':
      return isUnit ? `crio-${id}.scope` : `crio-${id}`
    default:
      return runtime satisfies never
  }
}

/**
 * What CRI calls `cgroup_parent`: the pod's whole path with both drivers, as the kubelet
 * sends it. Runtimes cut the slice off themselves, and read the pod's usage at the path.
 *
 * @throws RangeError if the path is not one of this driver: a runtime would put the
 *   containers elsewhere.
 */
export function criCgroupParent(podPath: string, driver: CgroupDriver): string {
  if (podPath.endsWith('.slice') === (driver === 'systemd')) return podPath
  throw new RangeError(
    `Cannot use ${podPath} as a parent with the ${driver} driver: only systemd's end in .slice`,
  )
}
