import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { benchPod, type Fixture } from './fixture.ts'
import { inFlight } from './percentiles.ts'
import { isRunning, type PodWatch } from './pod-watch.ts'

export interface ManyStarts {
  readonly pods: number
  readonly bare: { readonly ms: number; readonly inFlight: number }
  /** From the start of `kubectl apply` of one file to the last pod Running. */
  readonly applied: number
}

/** The bare calls of one pod: sandbox, create, start. */
export async function measureBareStarts(
  { cri, cgroup }: Fixture,
  count: number,
): Promise<ManyStarts['bare']> {
  const runs = []
  for (const atOnce of [8, 12]) {
    const sandboxes: string[] = []
    const start = performance.now()
    await inFlight([...Array(count).keys()], atOnce, async (index) => {
      const name = `bare-${atOnce}-${index}`
      const sandbox = {
        metadata: { name, uid: name, namespace: 'bench', attempt: 0 },
        hostname: name,
        linux: { cgroupParent: `${cgroup}/bare/pod${name}` },
      }
      const id = await cri.runPodSandbox(sandbox)
      sandboxes.push(id)
      const config = {
        metadata: { name: 'c', attempt: 0 },
        image: 'busybox',
        command: ['sleep', '86400'],
        linux: {
          resources: {
            cpuShares: 10,
            cpuPeriod: 100_000,
            cpuQuota: 50_000,
            memoryLimitInBytes: 2 ** 26,
          },
        },
      }
      await cri.startContainer(await cri.createContainer(id, config, sandbox))
    })
    runs.push({ ms: performance.now() - start, inFlight: atOnce })
    await inFlight(sandboxes, 8, async (id) => {
      await cri.stopPodSandbox(id)
      await cri.removePodSandbox(id)
    })
  }
  return runs.sort((a, b) => a.ms - b.ms)[0]!
}

export async function measureApply(
  { podfit }: Fixture,
  watch: PodWatch,
  names: readonly string[],
  kubectl: string,
): Promise<number> {
  const documents = names.map((name) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...benchPod(name) }),
  )
  const running = names.map((name) => watch.until(name, isRunning))
  const start = performance.now()
  const child = spawn(kubectl, ['--kubeconfig', podfit.kubeconfig, 'apply', '-f', '-'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  child.stdin.end(documents.join('\n'))
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`kubectl apply ended with exit code ${code}`)
  return Math.max(...(await Promise.all(running))) - start
}
