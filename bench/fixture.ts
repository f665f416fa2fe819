import { join } from 'node:path'
import { openCgroupTree } from '../src/cgroup/open-cgroup-tree.ts'
import { createCriRuntime } from '../src/cri/create-cri-runtime.ts'
import type { CriRuntime } from '../src/cri/cri-runtime.ts'
import type { Pod } from '../src/domain/pod.ts'
import { createKubeClient } from '../src/kube/client/client.ts'
import type { KubeClient } from '../src/kube/client/kube-client.ts'
import { connect } from '../src/kube/connect/connect.ts'
import { PodfitProcess } from '../test/support/podfit-process.ts'
import { administrator, Connection } from './connection.ts'

/** A podfit that runs for the bench, and the ways to it: its API over HTTPS and its runtime. */
export interface Fixture extends AsyncDisposable {
  readonly podfit: PodfitProcess
  readonly client: KubeClient
  /** A client that takes as little time as can be, for what is timed. Ends when it is idle for two minutes. */
  readonly openConnection: () => Promise<Connection>
  readonly cri: CriRuntime
  readonly cgroup: string
}

/** @param args further arguments of `podfit up` */
export async function startFixture(args: readonly string[] = []): Promise<Fixture> {
  const podfit = new PodfitProcess({ args })
  const ready = await podfit.start()
  const api = await connect({ file: ready.kubeconfig })
  const client = createKubeClient(api)
  const credentials = administrator(join(podfit.dataDir, 'pki'))
  const port = Number(new URL(ready.server).port)
  const cri = createCriRuntime({ endpoint: join(podfit.dataDir, 'containerd/containerd.sock') })
  return {
    podfit,
    client,
    openConnection: () => Connection.open({ port, credentials }),
    cri,
    cgroup: String(ready['cgroup']),
    async [Symbol.asyncDispose]() {
      cri.close()
      api[Symbol.dispose]()
      await podfit[Symbol.asyncDispose]()
    },
  }
}

export function benchPod(name: string, cpu = '10m'): Pod {
  return {
    metadata: { name, namespace: 'default', labels: { bench: 'true' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'c',
          image: 'busybox',
          command: ['sleep', '86400'],
          resources: { requests: { cpu, memory: '16Mi' }, limits: { cpu: '500m', memory: '64Mi' } },
        },
      ],
    },
  }
}

/** The file that a CPU limit of a container goes to, and what it says for `milli` millicores. */
export function quotaFile(
  cgroup: string,
  pod: Pod,
): { readonly path: string; readonly says: (milli: number) => string } {
  const id = (pod.status?.containerStatuses?.[0]?.containerID ?? '').replace('containerd://', '')
  const cgroupPath = `${cgroup}/kubepods/burstable/pod${pod.metadata.uid}/${id}`
  const v2 = openCgroupTree().version === 'v2'
  return {
    path: v2
      ? `/sys/fs/cgroup${cgroupPath}/cpu.max`
      : `/sys/fs/cgroup/cpu${cgroupPath}/cpu.cfs_quota_us`,
    says: (milli) => (v2 ? `${milli * 100} 100000` : String(milli * 100)),
  }
}
