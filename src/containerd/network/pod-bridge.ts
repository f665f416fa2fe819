import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { gatewayOf } from './pod-network.ts'

const run = promisify(execFile)

/**
 * Makes the bridge that the first pod would make, so that something can listen on its
 * address before there are pods. One that is there stays as it is.
 *
 * @param busybox path of the program
 * @returns the bridge's address, by which pods reach this machine
 */
export async function makeBridge(
  busybox: string,
  { bridge, podCidr }: { readonly bridge: string; readonly podCidr: string },
): Promise<string> {
  const gateway = gatewayOf(podCidr)
  if (existsSync(`/sys/class/net/${bridge}`)) return gateway
  const ip = (...args: readonly string[]) => run(busybox, ['ip', ...args])
  await ip('link', 'add', 'name', bridge, 'type', 'bridge')
  // Without an address of its own it takes that of a pod, and another when the pod goes.
  await ip('link', 'set', 'dev', bridge, 'address', hardwareAddress(gateway))
  await ip('addr', 'add', `${gateway}/${podCidr.split('/')[1]}`, 'dev', bridge)
  await ip('link', 'set', 'dev', bridge, 'up')
  return gateway
}

/** As CNI derives it: 0a:58 and the four bytes of the address. */
function hardwareAddress(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return ['0a', '58', ...bytes].join(':')
}
