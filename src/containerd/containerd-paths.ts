import { join, resolve } from 'node:path'

/** Where a private containerd keeps its things, all below one data directory. */
export interface ContainerdPaths {
  readonly config: string
  /** Images, snapshots and metadata: survives a reboot. */
  readonly root: string
  /** What runs now. */
  readonly state: string
  readonly socket: string
  readonly log: string
  readonly pid: string
  readonly cniConfigs: string
  /** Which pod has which address. */
  readonly cniData: string
}

/** Longest path that the kernel takes as a Unix socket; containerd adds `.ttrpc` to its own. */
const longestSocket = 107 - '.ttrpc'.length

/** @throws RangeError if `dataDir` is too long to hold a Unix socket. */
export function containerdPaths(dataDir: string): ContainerdPaths {
  const dir = resolve(dataDir)
  const own = join(dir, 'containerd')
  const socket = join(own, 'containerd.sock')
  if (Buffer.byteLength(socket) > longestSocket) {
    throw new RangeError(
      `Cannot use ${dir} as data directory: the path of containerd's socket below it has ` +
        `${Buffer.byteLength(socket)} bytes, the kernel allows ${longestSocket}; take a shorter path`,
    )
  }
  return {
    config: join(own, 'config.toml'),
    root: join(own, 'root'),
    state: join(own, 'state'),
    socket,
    log: join(own, 'containerd.log'),
    pid: join(own, 'containerd.pid'),
    cniConfigs: join(dir, 'cni', 'net.d'),
    cniData: join(dir, 'cni', 'networks'),
  }
}
