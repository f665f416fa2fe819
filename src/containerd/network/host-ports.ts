import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { findProgram, hasCniPlugin } from '../machine/find-program.ts'

const run = promisify(execFile)

/** Why ports of this machine cannot lead to pods; undefined if they can. */
export function hostPortRefusal(cniPlugins: string): string | undefined {
  if (!hasCniPlugin(cniPlugins, 'portmap')) return `the CNI plugin portmap is not in ${cniPlugins}`
  const iptables = findProgram('iptables')
  if (iptables === undefined)
    return 'iptables is missing; install with: apt-get install -y iptables'
  // Listing says nothing: iptables shows chains that the kernel cannot make. A network
  // namespace of its own is gone with what was made there.
  const probe = ['--net', iptables, '-w', '-t', 'nat', '-N', 'PODFIT']
  const { status, stderr, error } = spawnSync('unshare', probe, { encoding: 'utf8' })
  if (error !== undefined) return `cannot tell whether there is a nat table: ${error.message}`
  const [line = ''] = stderr.trim().split('\n')
  return status === 0 ? undefined : `this kernel's iptables has no nat table (${line})`
}

/**
 * Keeps pods from what listens on this machine's loopback addresses only. The portmap
 * plugin lets packets for 127.0.0.0/8 pass between bridge and loopback, so that host ports
 * are reached by localhost; without this, pods could pass there too (CVE-2020-8558).
 */
export async function guardLoopback(bridge: string): Promise<void> {
  const iptables = findProgram('iptables') ?? 'iptables'
  const rule = loopbackRule(bridge)
  await run(iptables, ['-w', '-C', ...rule]).catch(() => run(iptables, ['-w', '-I', ...rule]))
}

/** Nothing to remove is fine, and so is no iptables. */
export function removeHostPorts(bridge: string): void {
  const iptables = findProgram('iptables')
  if (iptables === undefined) return
  spawnSync(iptables, ['-w', '-D', ...loopbackRule(bridge)])
  removeUnusedChains((...args) => spawnSync(iptables, ['-w', '-t', 'nat', ...args]))
}

/** Answers to localhost come this way, too. @see kubelet's KUBE-FIREWALL chain */
function loopbackRule(bridge: string): readonly string[] {
  const fresh = ['-m', 'conntrack', '!', '--ctstate', 'RELATED,ESTABLISHED,DNAT']
  return ['INPUT', '-i', bridge, '-d', '127.0.0.0/8', ...fresh, '-j', 'DROP']
}

const chains = ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-MASQ', 'CNI-HOSTPORT-SETMARK']

/** The plugin leaves the chains that all its networks share; who has no port left, has no use for them. */
function removeUnusedChains(
  nat: (...args: readonly string[]) => { readonly stdout: Buffer },
): void {
  const rules = nat('-S').stdout.toString().split('\n')
  const used = rules.some((rule) => rule.startsWith(`-A ${chains[0]} `))
  if (used || !rules.includes(`-N ${chains[0]}`)) return
  const jumps = rules.filter((rule) => chains.some((chain) => rule.endsWith(` -j ${chain}`)))
  for (const jump of jumps) nat('-D', ...wordsOf(jump).slice(1))
  for (const chain of chains) {
    nat('-F', chain)
    nat('-X', chain)
  }
}

/** The words of a rule as `iptables -S` prints it, where a comment stands in quotes. */
function wordsOf(rule: string): readonly string[] {
  return (rule.match(/"[^"]*"|\S+/g) ?? []).map((word) =>
    word.replace(/^"(?<text>.*)"$/, '$<text>'),
  )
}
