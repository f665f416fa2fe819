import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hostnameOf, hostsFile } from '../../domain/lifecycle/hosts-file.ts'
import type { Pod } from '../../domain/pod.ts'

/** Writes the /etc/hosts that the pod's containers share; gives its path. */
export async function writeHostsFile(
  podDir: string,
  pod: Pod,
  ips: readonly string[],
): Promise<string> {
  const path = join(podDir, 'etc-hosts')
  const onHost = pod.spec.hostNetwork === true
  const text = hostsFile(pod.spec, {
    hostname: hostnameOf(pod.metadata.name, pod.spec),
    ips,
    nodeFile: onHost ? await readFile('/etc/hosts', 'utf8').catch(() => '') : '',
  })
  await mkdir(podDir, { recursive: true })
  // In place: what containers have mounted is this very file.
  await writeFile(path, text)
  await chmod(path, 0o644)
  return path
}

/** The file in which one run of a container may leave its last words. */
export function terminationLog(podDir: string, container: string, attempt: number): string {
  return join(podDir, 'containers', container, String(attempt))
}

/** Makes that file, for every user to write. */
export async function makeTerminationLog(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, '')
  await chmod(file, 0o666)
}
