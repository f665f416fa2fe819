/** The network of one node's pods: a bridge on this machine, an address for each pod. */
export interface BridgeNetwork {
  /** Name of the bridge interface, 1 to 15 bytes. */
  readonly bridge: string
  /** `10.87.0.0/16`. The bridge takes the first address. */
  readonly podCidr: string
  /** Directory in which the addresses in use are remembered. */
  readonly dataDir: string
  /** Whether ports of this machine may lead to pods. */
  readonly mapsPorts: boolean
}

/**
 * The CNI configuration of a bridge without address translation: pods and this
 * machine reach each other, pods do not reach further. It needs iptables only for pods with host ports.
 *
 * @throws RangeError if the kernel would not take the name of the bridge
 * @see https://www.cni.dev/plugins/current/main/bridge/
 */
export function formatCniConfig(network: BridgeNetwork): string {
  const { bridge, podCidr, dataDir, mapsPorts } = network
  if (!/^[\w.-]{1,15}$/.test(bridge)) {
    throw new RangeError(
      `Cannot name a bridge ${JSON.stringify(bridge)}: it must have 1 to 15 letters, digits, . _ or -`,
    )
  }
  const plugin = {
    type: 'bridge',
    bridge,
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      dataDir,
      ranges: [[{ subnet: podCidr }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  }
  const config = {
    cniVersion: '0.4.0',
    name: bridge,
    plugins: [plugin, ...(mapsPorts ? [portMap] : [])],
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}

const portMap = { type: 'portmap', capabilities: { portMappings: true } }

/** The network that an existing configuration of ours names. */
export function networkIn(json: string): Pick<BridgeNetwork, 'bridge' | 'podCidr'> | undefined {
  const found = /"bridge": "([^"]+)"[^]*"subnet": "([^"]+)"/.exec(json)
  const [, bridge, podCidr] = found ?? []
  return bridge === undefined || podCidr === undefined ? undefined : { bridge, podCidr }
}
