import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Container, ContainerSecurityContext, PodSpec } from '../../src/domain/pod.ts'
import { createKubectl, type Kubectl } from '../support/kubectl.ts'
import { type PodfitProcess, startPodfit } from '../support/podfit-process.ts'
import { waitUntil } from '../support/wait-until.ts'
import { getPod, idle, podWith, runningPod } from './pods.ts'

/** What containerd gives a container that asks for nothing. */
const usualCapabilities = 0x00_00_00_00_a8_04_25_fbn
const chown = 1n << 0n
const sysTime = 1n << 25n

function secured(name: string, securityContext: ContainerSecurityContext): Container {
  return { ...idle, name, securityContext }
}

describe('what processes in a container may do', { concurrency: 3 }, () => {
  let podfit: PodfitProcess
  let kubectl: Kubectl

  before(async () => {
    podfit = await startPodfit()
    kubectl = createKubectl(podfit.kubeconfig)
    const profiles = join(podfit.dataDir, 'seccomp')
    mkdirSync(profiles, { recursive: true })
    const noDirectories = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }
    const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [noDirectories] }
    writeFileSync(join(profiles, 'no-mkdir.json'), JSON.stringify(profile))
  })
  after(() => podfit[Symbol.asyncDispose]())

  async function start(name: string, spec: Partial<PodSpec>): Promise<void> {
    const pod = podWith(name, idle)
    await kubectl.apply({ ...pod, spec: { ...pod.spec, ...spec } })
    await runningPod(kubectl, name)
  }
  const sh = (pod: string, script: string, container = 'main'): Promise<string> =>
    kubectl.run(['exec', pod, '-c', container, '--', 'sh', '-c', script])
  async function refused(name: string, spec: Partial<PodSpec>, reason: string, message: string) {
    const pod = podWith(name, idle)
    await kubectl.apply({ ...pod, spec: { ...pod.spec, ...spec } })
    const { status } = await waitUntil(
      `pod ${name} to be refused`,
      () => getPod(kubectl, name),
      (one) => one.status?.phase === 'Failed',
    )
    assert.equal(status?.reason, reason)
    assert.equal(status.message, `Pod was rejected: ${message}`)
  }
  const namespaceOf = async (pod: string, kind: string, container?: string): Promise<string> =>
    (await sh(pod, `readlink /proc/self/ns/${kind}`, container)).trim()

  test('system calls: filtered by default, by a file, or not at all', async () => {
    const seccompProfile = { type: 'Localhost', localhostProfile: 'no-mkdir.json' }
    await start('filtered', {
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        idle,
        secured('file', { seccompProfile }),
        secured('free', { seccompProfile: { type: 'Unconfined' } }),
        secured('all', { privileged: true }),
      ],
    })
    await start('plain', {})
    const mode = async (pod: string, container: string): Promise<string> =>
      (await sh(pod, 'grep "^Seccomp:" /proc/self/status', container)).replace(/\s+/g, ' ')
    assert.equal(await mode('filtered', 'main'), 'Seccomp: 2 ')
    assert.equal(await mode('filtered', 'file'), 'Seccomp: 2 ')
    assert.equal(await mode('filtered', 'free'), 'Seccomp: 0 ')
    assert.equal(await mode('filtered', 'all'), 'Seccomp: 0 ')
    assert.equal(await mode('plain', 'main'), 'Seccomp: 0 ')
    assert.equal(await sh('filtered', 'mkdir /tmp/x && echo made'), 'made\n')
    assert.match(
      await sh('filtered', 'mkdir /tmp/x 2>&1; :', 'file'),
      /Operation not permitted|ermission denied/,
    )
  })

  test('a profile that is not there is named', async () => {
    const seccompProfile = { type: 'Localhost', localhostProfile: 'none.json' }
    await kubectl.apply(podWith('lost', secured('main', { seccompProfile })))
    const { status } = await waitUntil(
      'pod lost to wait',
      () => getPod(kubectl, 'lost'),
      (one) => one.status?.containerStatuses?.[0]?.state?.waiting?.message !== undefined,
    )
    const waiting = status?.containerStatuses?.[0]?.state?.waiting
    assert.equal(waiting?.reason, 'CreateContainerError')
    assert.match(waiting?.message ?? '', /seccomp\/none\.json/)
    await kubectl.run(['delete', 'pod', 'lost', '--now'])
  })

  test('capabilities come and go; with allowPrivilegeEscalation false none are won', async () => {
    await start('powers', {
      containers: [
        idle,
        secured('other', { capabilities: { add: ['SYS_TIME'], drop: ['CHOWN'] } }),
        secured('none', { capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false }),
      ],
    })
    const read = async (key: string, container: string): Promise<bigint> =>
      BigInt(
        (await sh('powers', `sed -n 's/^${key}:\\t/0x/p' /proc/self/status`, container)).trim(),
      )
    assert.equal(await read('CapBnd', 'main'), usualCapabilities)
    assert.equal(await read('CapEff', 'other'), (usualCapabilities & ~chown) | sysTime)
    assert.equal(await read('CapBnd', 'none'), 0n)
    assert.equal(await sh('powers', 'touch /tmp/x; chown 5 /tmp/x 2>/dev/null; echo $?'), '0\n')
    assert.equal(
      await sh('powers', 'touch /tmp/x; chown 5 /tmp/x 2>/dev/null; echo $?', 'other'),
      '1\n',
    )
    assert.equal(await read('NoNewPrivs', 'none'), 1n)
    assert.equal(await read('NoNewPrivs', 'main'), 0n)
  })

  test('users and groups: the container before the pod; volumes belong to fsGroup', async () => {
    const volumeMounts = [{ name: 'data', mountPath: '/data' }]
    await start('users', {
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 2000,
        runAsNonRoot: true,
        fsGroup: 4000,
        supplementalGroups: [3000],
      },
      containers: [
        { ...idle, volumeMounts },
        secured('own', { runAsUser: 1001, runAsGroup: 2001 }),
      ],
      volumes: [{ name: 'data', emptyDir: {} }],
    })
    assert.equal(await sh('users', 'id -u; id -g; id -G'), '1000\n2000\n2000 3000 4000\n')
    assert.equal(await sh('users', 'id -u; id -g; id -G', 'own'), '1001\n2001\n2001 3000 4000\n')
    assert.equal(
      await sh('users', 'touch /data/x; stat -c "%a %g" /data; stat -c "%u %g" /data/x'),
      '2777 4000\n1000 4000\n',
    )
  })

  test('root is refused where it must not be', async () => {
    await kubectl.apply(podWith('root', secured('main', { runAsNonRoot: true })))
    await waitUntil(
      'pod root to be refused',
      () => getPod(kubectl, 'root'),
      ({ status }) =>
        status?.containerStatuses?.[0]?.state?.waiting?.message?.startsWith(
          'container has runAsNonRoot and image will run as root',
        ) === true,
    )
    await kubectl.run(['delete', 'pod', 'root', '--now'])
  })

  test('a read-only root, what is hidden of /proc, and a privileged container', async () => {
    await start('roots', {
      containers: [
        {
          ...secured('main', { readOnlyRootFilesystem: true }),
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', emptyDir: {} }],
    })
    await start('mighty', { containers: [secured('main', { privileged: true })] })
    const writes = 'for f in /x /data/x; do touch $f 2>/dev/null; echo $?; done'
    assert.equal(await sh('roots', writes), '1\n0\n')
    assert.equal(await sh('roots', 'cat /proc/kcore | wc -c; ls /sys/firmware | wc -l'), '0\n0\n')
    const settings = `awk '$2 == "/proc/sys" { print substr($4, 1, 2) }' /proc/mounts`
    assert.equal(await sh('roots', settings), 'ro\n')
    assert.equal(await sh('mighty', settings), '')
    const bounding = /^CapBnd:\s+(?<hex>\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    assert.equal(
      (await sh('mighty', "sed -n 's/^CapBnd:\\t//p' /proc/self/status")).trim(),
      bounding?.groups?.['hex'],
    )
    assert.equal(await sh('mighty', 'test -e /dev/kmsg; echo $?'), '0\n')
  })

  test("the machine's namespaces, or those that the containers of a pod share", async () => {
    await start('host', { hostPID: true, hostIPC: true, hostNetwork: true })
    for (const kind of ['pid', 'ipc', 'net']) {
      assert.equal(await namespaceOf('host', kind), readlinkSync(`/proc/self/ns/${kind}`), kind)
    }
    assert.match(
      await sh('host', `tr '\\0' ' ' < /proc/${podfit.pid}/cmdline`),
      / up --data-dir=\S*podfit/,
    )

    const containers = [idle, { ...idle, name: 'other' }]
    await start('apart', { containers })
    await start('shared', { containers, shareProcessNamespace: true })
    for (const [pod, kind, same] of [
      ['apart', 'pid', false],
      ['apart', 'ipc', true],
      ['apart', 'net', true],
      ['shared', 'pid', true],
    ] as const) {
      const [one, other] = [await namespaceOf(pod, kind), await namespaceOf(pod, kind, 'other')]
      assert.equal(one === other, same, `${kind} namespace in pod ${pod}`)
      assert.notEqual(one, readlinkSync(`/proc/self/ns/${kind}`))
    }
    assert.match(await sh('shared', 'ps'), /^ +1 root .*sleep 2147483647/m)
  })

  test('kernel settings: safe ones are set, others refused', async () => {
    const sysctls = [
      { name: 'net.ipv4.ip_unprivileged_port_start', value: '81' },
      { name: 'kernel.shm_rmid_forced', value: '1' },
    ]
    await start('settings', { securityContext: { sysctls } })
    const files = '/proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced'
    assert.equal(await sh('settings', `cat ${files}`), '81\n1\n')
    await refused(
      'unsafe',
      { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
      'SysctlForbidden',
      'forbidden sysctl: "kernel.msgmax" not allowlisted',
    )
  })

  test('what this node cannot give is refused, not left out', async () => {
    const input = JSON.stringify(podWith('proc', secured('main', { procMount: 'Unmasked' })))
    const { stderr } = await kubectl.try(['apply', '-f', '-'], { input })
    assert.match(stderr, /procMount: Invalid value: "Unmasked": `hostUsers` must be false/)
    await refused(
      'users-of-its-own',
      { hostUsers: false },
      'UserNamespaceUnsupported',
      'hostUsers is false, and this node gives pods no user namespace; leave hostUsers out and set runAsUser',
    )
    const enforced = readOrEmpty('/sys/module/apparmor/parameters/enabled').startsWith('Y')
    const pod = { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }
    if (enforced) return start('armed', pod)
    return refused(
      'armed',
      pod,
      'AppArmor',
      'Cannot enforce AppArmor: AppArmor is not enabled on the host',
    )
  })

  test('names: hosts and resolvers as the pod says', async () => {
    await start('names', {
      hostAliases: [{ ip: '10.9.8.7', hostnames: ['elsewhere'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['9.9.9.9'], options: [{ name: 'ndots', value: '2' }] },
    })
    assert.match(await sh('names', 'cat /etc/hosts'), /10\.9\.8\.7\telsewhere/)
    assert.equal(await sh('names', 'cat /etc/resolv.conf'), 'nameserver 9.9.9.9\noptions ndots:2\n')
  })
})

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
