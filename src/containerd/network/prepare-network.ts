import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ContainerdPaths } from '../containerd-paths.ts'
import { writeWhole } from '../write-whole.ts'
import { formatCniConfig, networkIn, type BridgeNetwork } from './cni-config.ts'
import { bridgeName, choosePodCidr } from './pod-network.ts'

/** What the network of a data directory may be told to be. */
export interface NetworkChoice {
  readonly dataDir: string
  /** @default a free network, the same at every start */
  readonly podCidr?: string
  /** Name of the bridge interface. @default by the data directory */
  readonly bridge?: string
}

/** Writes the bridge's configuration; what an earlier start chose stays unless told otherwise. */
export function prepareNetwork(
  paths: ContainerdPaths,
  options: NetworkChoice,
  mapsPorts: boolean,
): Pick<BridgeNetwork, 'bridge' | 'podCidr'> {
  const dataDir = resolve(options.dataDir)
  const file = `${paths.cniConfigs}/10-podfit.conflist`
  mkdirSync(paths.cniConfigs, { recursive: true, mode: 0o700 })
  const before = existsSync(file) ? networkIn(readFileSync(file, 'utf8')) : undefined
  const bridge = options.bridge ?? before?.bridge ?? bridgeName(dataDir)
  const podCidr = options.podCidr ?? before?.podCidr ?? freePodCidr(dataDir)
  const config = formatCniConfig({ bridge, podCidr, dataDir: paths.cniData, mapsPorts })
  writeWhole(file, config)
  return { bridge, podCidr }
}

function freePodCidr(dataDir: string): string {
  return choosePodCidr(dataDir, readFileSync('/proc/net/route', 'utf8'))
}
