import type { ContainerdPaths } from './containerd-paths.ts'

export interface ContainerdConfig {
  readonly paths: ContainerdPaths
  /** The image of every sandbox. It must be imported: containerd would pull it. */
  readonly sandboxImage: string
  readonly snapshotter: Snapshotter
  /** runc's path. */
  readonly runc: string
  /** Where CNI plugins lie. */
  readonly cniPlugins: string
  /** Let systemd make the cgroups: parents are then slices. @default false */
  readonly systemdCgroup?: boolean
  /**
   * Whether this process may lower the OOM score of another one
   * (CAP_SYS_RESOURCE). Without it no sandbox starts unless containerd raises
   * the scores it is asked for.
   */
  readonly mayLowerOomScore: boolean
  /** The cgroup that containerd and its shims move to, so that nobody's limit holds for them. */
  readonly cgroup?: string
}

export type Snapshotter = 'overlayfs' | 'native'

/**
 * What podfit does not use. `opt` would make /opt/containerd, outside of the data
 * directory; the rest only costs time at start. Names that a version of
 * containerd does not know are ignored.
 */
const unused = [
  'io.containerd.internal.v1.opt',
  'io.containerd.internal.v1.restart',
  'io.containerd.internal.v1.tracing',
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.tracing.processor.v1.otlp',
]

/**
 * The config.toml of a private containerd. Version 2 of the format: 1.6 and 1.7
 * know no other, and 2.x converts it at start. What is not named keeps
 * containerd's default.
 *
 * The runc runtime is spelled out because naming any runtime drops the built-in one.
 */
export function formatContainerdConfig(config: ContainerdConfig): string {
  const { paths } = config
  const cri = `plugins."io.containerd.grpc.v1.cri"`
  return toml([
    ['version', 2],
    ['root', paths.root],
    ['state', paths.state],
    ['oom_score', config.mayLowerOomScore ? -999 : 0],
    ['disabled_plugins', unused],
    { table: 'grpc' },
    ['address', paths.socket],
    { table: 'debug' },
    ['level', 'warn'],
    { table: 'cgroup' },
    ['path', config.cgroup ?? ''],
    { table: cri },
    ['sandbox_image', config.sandboxImage],
    ['restrict_oom_score_adj', !config.mayLowerOomScore],
    ['netns_mounts_under_state_dir', true],
    ['stream_server_address', '127.0.0.1'],
    ['stream_server_port', '0'],
    { table: `${cri}.containerd` },
    ['snapshotter', config.snapshotter],
    ['default_runtime_name', 'runc'],
    { table: `${cri}.containerd.runtimes.runc` },
    ['runtime_type', 'io.containerd.runc.v2'],
    { table: `${cri}.containerd.runtimes.runc.options` },
    ['BinaryName', config.runc],
    ['Root', `${paths.state}/runc`],
    ['SystemdCgroup', config.systemdCgroup ?? false],
    { table: `${cri}.cni` },
    ['bin_dir', config.cniPlugins],
    ['conf_dir', paths.cniConfigs],
  ])
}

type Line =
  | readonly [key: string, value: string | number | boolean | readonly string[]]
  | { readonly table: string }

/** JSON's strings, numbers, booleans and lists are TOML's too. */
function toml(lines: readonly Line[]): string {
  return lines
    .map((line) =>
      'table' in line ? `\n[${line.table}]\n` : `${line[0]} = ${JSON.stringify(line[1])}\n`,
    )
    .join('')
}

/** Which snapshotter an existing config.toml names: the images of its root are unpacked for it. */
export function snapshotterIn(toml: string): Snapshotter | undefined {
  const found = /^snapshotter = "(overlayfs|native)"$/m.exec(toml)?.[1]
  return found === 'overlayfs' || found === 'native' ? found : undefined
}
