import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod } from '../../../domain/pod.ts'
import { formatFieldError } from '../../../domain/field-error.ts'
import type { KubeVersion } from '../../../domain/kube-version.ts'
import { defaultPod } from '../defaults/pod-defaults.ts'
import { validatePodCreate, validatePodUpdate } from './validate-pod.ts'

function podOf(spec: object): Pod {
  return defaultPod({ metadata: { name: 'web' }, spec } as unknown as Pod)
}

function problems(spec: object, version?: KubeVersion): readonly string[] {
  return validatePodCreate(podOf(spec), version).map(formatFieldError)
}

const main = { name: 'main', image: 'i:1' }

function container(fields: object): object {
  return { containers: [{ ...main, ...fields }] }
}

const c0 = 'spec.containers[0]'
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const handler = { exec: { command: ['x'] } }

const cases: readonly (readonly [string, object, readonly string[]])[] = [
  ['a plain pod', container({}), []],
  ['no containers', {}, ['spec.containers: Required value']],
  ['no name', { containers: [{ image: 'i' }] }, [`${c0}.name: Required value`]],
  ['a bad name', container({ name: 'A' }), [`${c0}.name: Invalid value: "A": ${label}`]],
  [
    'a long name',
    container({ name: 'a'.repeat(64) }),
    [`${c0}.name: Invalid value: "${'a'.repeat(64)}": must be no more than 63 bytes`],
  ],
  [
    'two of one name',
    { containers: [main, main] },
    ['spec.containers[1].name: Duplicate value: "main"'],
  ],
  [
    'an init container of the same name',
    { containers: [main], initContainers: [main] },
    ['spec.initContainers[0].name: Duplicate value: "main"'],
  ],
  [
    'all of /proc without users of its own',
    container({ securityContext: { procMount: 'Unmasked' } }),
    [
      `${c0}.securityContext.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``,
    ],
  ],
  [
    'all of /proc with users of its own',
    { ...container({ securityContext: { procMount: 'Unmasked' } }), hostUsers: false },
    [],
  ],
  [
    'privileged without more privileges',
    container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    [
      `${c0}.securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ],
  ],
  [
    "the host's processes and the pod's",
    { ...container({}), hostPID: true, shareProcessNamespace: true },
    [
      'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
    ],
  ],
  [
    'seccomp and AppArmor profiles',
    {
      ...container({
        securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: '../x' } },
      }),
      securityContext: {
        seccompProfile: { type: 'Localhost' },
        appArmorProfile: { type: 'RuntimeDefault', localhostProfile: 'x' },
      },
    },
    [
      `${c0}.securityContext.seccompProfile.localhostProfile: Invalid value: "../x": must not contain '..'`,
      'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
      'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: "x": can only be set when AppArmor type is Localhost',
    ],
  ],
  [
    'profiles without a type, and of a type that there is not',
    {
      ...container({ securityContext: { seccompProfile: {}, appArmorProfile: { type: 'x' } } }),
      securityContext: {
        seccompProfile: { type: 'Unconfined', localhostProfile: 'x' },
        appArmorProfile: {},
      },
    },
    [
      `${c0}.securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set`,
      `${c0}.securityContext.appArmorProfile.type: Unsupported value: "x": supported values: "Localhost", "RuntimeDefault", "Unconfined"`,
      'spec.securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"Unconfined","LocalhostProfile":"x"}: can only be set when seccomp type is Localhost',
      'spec.securityContext.appArmorProfile.type: Required value: type is required when appArmorProfile is set',
    ],
  ],
  [
    "users of its own in the node's namespaces",
    { ...container({}), hostUsers: false, hostNetwork: true, hostPID: true, hostIPC: true },
    [
      'spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false',
      'spec.HostPID: Forbidden: when `pod.Spec.HostUsers` is false',
      'spec.HostIPC: Forbidden: when `pod.Spec.HostUsers` is false',
    ],
  ],
  [
    'a resolver of its own that is not set up',
    { ...container({}), dnsPolicy: 'None' },
    ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  ],
  [
    'a resolver of its own without servers',
    { ...container({}), dnsPolicy: 'None', dnsConfig: { searches: ['a'] } },
    [
      'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
    ],
  ],
  [
    'a resolver set up well',
    {
      ...container({}),
      dnsConfig: {
        nameservers: ['1.1.1.1', '::1'],
        searches: ['.', '_a.b.'],
        options: [{ name: 'ndots', value: '1' }],
      },
    },
    [],
  ],
  [
    'a resolver set up badly',
    {
      ...container({}),
      dnsConfig: { nameservers: ['a', '1.1.1.1', '1.1.1.2', '1.1.1.3'], options: [{ value: '1' }] },
    },
    [
      'spec.dnsConfig.nameservers: Invalid value: ["a","1.1.1.1","1.1.1.2","1.1.1.3"]: must not have more than 3 nameservers',
      'spec.dnsConfig.nameservers[0]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'spec.dnsConfig.options[0]: Required value: must not be empty',
    ],
  ],
  [
    'more search paths than there may be',
    { ...container({}), dnsConfig: { searches: Array.from({ length: 33 }, () => 'a') } },
    [
      `spec.dnsConfig.searches: Invalid value: ${JSON.stringify(Array.from({ length: 33 }, () => 'a'))}: must not have more than 32 search paths`,
    ],
  ],
  [
    'aliases of hosts',
    { ...container({}), hostAliases: [{ ip: 'x', hostnames: ['a.b', 'a_b'] }] },
    [
      'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      `spec.hostAliases[0].hostnames[1]: Invalid value: "a_b": ${subdomain}`,
    ],
  ],
  [
    'storage for all containers together',
    { ...container({}), resources: { limits: { cpu: '1', 'ephemeral-storage': '1Gi' } } },
    [
      'spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
    ],
  ],
  [
    'one gate twice',
    { ...container({}), schedulingGates: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] },
    ['spec.schedulingGates[2]: Duplicate value: "a"'],
  ],
  ['no image', container({ image: '' }), [`${c0}.image: Required value`]],
  [
    'a bad pull policy',
    container({ imagePullPolicy: 'x' }),
    [
      `${c0}.imagePullPolicy: Unsupported value: "x": supported values: "Always", "IfNotPresent", "Never"`,
    ],
  ],
  [
    'a restart policy of the pod',
    { ...container({}), restartPolicy: 'x' },
    [
      'spec.restartPolicy: Unsupported value: "x": supported values: "Always", "OnFailure", "Never"',
    ],
  ],
  [
    'a restart policy of a regular container',
    container({ restartPolicy: 'Sometimes' }),
    [
      `${c0}.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"`,
    ],
  ],
  [
    'a restart policy of an init container',
    { containers: [main], initContainers: [{ name: 'i', image: 'i', restartPolicy: 'x' }] },
    [
      'spec.initContainers[0].restartPolicy: Unsupported value: "x": supported values: "Always", "OnFailure", "Never"',
    ],
  ],
  [
    'more requested than the limit',
    container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    [`${c0}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`],
  ],
  [
    'a negative request',
    container({ resources: { requests: { memory: '-1' } } }),
    [`${c0}.resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0`],
  ],
  [
    'an unknown resource',
    container({ resources: { requests: { foo: '1' } } }),
    [
      `${c0}.resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified`,
      `${c0}.resources.requests[foo]: Invalid value: "foo": must be a standard resource for containers`,
    ],
  ],
  [
    'half a device',
    container({
      resources: { limits: { 'example.com/gpu': '500m' }, requests: { 'example.com/gpu': '500m' } },
    }),
    [
      `${c0}.resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer`,
      `${c0}.resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer`,
    ],
  ],
  [
    'pod-level requests below those of the containers',
    {
      ...container({ resources: { requests: { cpu: '2' } } }),
      resources: { requests: { cpu: '1' } },
    },
    [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
    ],
  ],
  [
    'a resize policy given twice',
    container({
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      ],
    }),
    [`${c0}.resizePolicy[1]: Duplicate value: "cpu"`],
  ],
  [
    'a resize policy for something else',
    container({ resizePolicy: [{ resourceName: 'x', restartPolicy: 'y' }] }),
    [
      `${c0}.resizePolicy: Unsupported value: "x": supported values: "cpu", "memory"`,
      `${c0}.resizePolicy: Unsupported value: "y": supported values: "NotRequired", "RestartContainer"`,
    ],
  ],
  [
    'a resize policy that says nothing',
    container({ resizePolicy: [{}] }),
    [`${c0}.resizePolicy: Required value`, `${c0}.resizePolicy: Required value`],
  ],
  [
    'a restart for a resize in a pod that never restarts',
    {
      ...container({
        resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
      }),
      restartPolicy: 'Never',
    },
    [
      `${c0}.resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when pod \`restartPolicy\` is 'Never'`,
    ],
  ],
  [
    'a restart for a resize of an init container',
    {
      containers: [main],
      initContainers: [
        {
          name: 'i',
          image: 'i',
          resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
        },
      ],
    },
    [
      'spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to \'RestartContainer\' for non-sidecar initContainers',
    ],
  ],
  [
    'a probe of an init container',
    { containers: [main], initContainers: [{ name: 'i', image: 'i', startupProbe: handler }] },
    [
      'spec.initContainers[0].startupProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ],
  [
    'a probe without a handler',
    container({ livenessProbe: {} }),
    [`${c0}.livenessProbe: Required value: must specify a handler type`],
  ],
  [
    'a probe with two handlers',
    container({ readinessProbe: { ...handler, tcpSocket: { port: 1 } } }),
    [`${c0}.readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`],
  ],
  [
    'bad numbers in a probe',
    container({
      livenessProbe: { httpGet: { port: 70_000 }, successThreshold: 2, periodSeconds: -1 },
    }),
    [
      `${c0}.livenessProbe.httpGet.port: Invalid value: 70000: must be between 1 and 65535, inclusive`,
      `${c0}.livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0`,
      `${c0}.livenessProbe.successThreshold: Invalid value: 2: must be 1`,
    ],
  ],
  [
    'a sleep longer than the grace period',
    container({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
    [
      `${c0}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`,
    ],
  ],
  [
    'bad ports',
    container({ ports: [{ containerPort: 0 }, { containerPort: 1, protocol: 'x', name: 'A' }] }),
    [
      `${c0}.ports[0].containerPort: Required value`,
      `${c0}.ports[1].name: Invalid value: "A": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
      `${c0}.ports[1].name: Invalid value: "A": must contain at least one letter (a-z)`,
      `${c0}.ports[1].protocol: Unsupported value: "x": supported values: "SCTP", "TCP", "UDP"`,
    ],
  ],
  [
    'a host port taken twice',
    container({
      ports: [
        { containerPort: 1, hostPort: 80 },
        { containerPort: 2, hostPort: 80 },
      ],
    }),
    [`${c0}.ports[1].hostPort: Duplicate value: "TCP//80"`],
  ],
  [
    'bad variables',
    container({
      env: [{ name: '' }, { name: 'A=' }, { name: 'B', value: 'x', valueFrom: { fieldRef: {} } }],
    }),
    [
      `${c0}.env[0].name: Required value`,
      `${c0}.env[1].name: Invalid value: "A=": a valid environment variable name must consist only of printable ASCII characters other than '='`,
      `${c0}.env[2].valueFrom.fieldRef.fieldPath: Required value`,
      `${c0}.env[2].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`,
    ],
  ],
  [
    'a mount of nothing',
    container({ volumeMounts: [{ name: 'v', mountPath: '' }] }),
    [
      `${c0}.volumeMounts[0].name: Not found: "v"`,
      `${c0}.volumeMounts[0].mountPath: Required value`,
    ],
  ],
  [
    'two mounts at one place',
    {
      volumes: [{ name: 'v' }],
      ...container({
        volumeMounts: [
          { name: 'v', mountPath: '/a' },
          { name: 'v', mountPath: '/a', subPath: '../x' },
        ],
      }),
    },
    [
      `${c0}.volumeMounts[1].mountPath: Invalid value: "/a": must be unique`,
      `${c0}.volumeMounts.subPath: Invalid value: "../x": must not contain '..'`,
    ],
  ],
  [
    'bad volumes',
    {
      ...container({}),
      volumes: [
        { name: 'v', hostPath: { path: '/a/../b' } },
        { name: 'w', emptyDir: {}, hostPath: { path: '/' } },
        { name: 'x', hostPath: { path: '/', type: 'y' } },
      ],
    },
    [
      'spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
      'spec.volumes[1].hostPath: Forbidden: may not specify more than 1 volume type',
      'spec.volumes[2].hostPath.type: Unsupported value: "y": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
  ],
  [
    'files outside of their volume',
    {
      ...container({}),
      volumes: [
        { name: 'a', configMap: { items: [{ path: '../../etc/cron.d/x' }] } },
        {
          name: 'b',
          secret: { secretName: 's', defaultMode: 512, items: [{ key: 'k', path: '/etc' }] },
        },
        { name: 'c', downwardAPI: { items: [{ path: '..data', mode: -1 }] } },
        {
          name: 'd',
          projected: {
            sources: [
              { configMap: { name: 'm', items: [{ key: 'k', path: 'same' }] } },
              { secret: { items: [{ key: 'k', path: 'same' }] } },
              { serviceAccountToken: { path: 'a/../b', expirationSeconds: 599 } },
            ],
          },
        },
      ],
    },
    [
      'spec.volumes[0].configMap.name: Required value',
      'spec.volumes[0].configMap.items[0].key: Required value',
      'spec.volumes[0].configMap.items[0].path: Invalid value: "../../etc/cron.d/x": must not contain \'..\'',
      'spec.volumes[1].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
      'spec.volumes[1].secret.items[0].path: Invalid value: "/etc": must be a relative path',
      'spec.volumes[2].downwardAPI.path: Invalid value: "..data": must not start with \'..\'',
      'spec.volumes[2].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required',
      'spec.volumes[2].downwardAPI.mode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive',
      'spec.volumes[3].projected.sources[1].secret.name: Required value',
      'spec.volumes[3].projected.sources[2].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'spec.volumes[3].projected.sources[2].serviceAccountToken.path: Invalid value: "a/../b": must not contain \'..\'',
      'spec.volumes[3].projected: Invalid value: "same": conflicting duplicate paths',
    ],
  ],
  [
    'a volume given twice',
    { ...container({}), volumes: [{ name: 'v' }, { name: 'v' }] },
    ['spec.volumes[1].name: Duplicate value: "v"'],
  ],
  [
    'a bad toleration',
    { ...container({}), tolerations: [{ key: 'a', operator: 'x' }] },
    ['spec.tolerations[0].operator: Unsupported value: "x": supported values: "Equal", "Exists"'],
  ],
  [
    'an image with a space before it, and another system',
    { containers: [{ ...main, image: ' i:1' }], os: { name: 'plan9' } },
    [
      'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"',
      'spec.containers[0].image: Invalid value: " i:1": must not have leading or trailing whitespace',
    ],
  ],
  [
    'constraints of its spread that say nothing, too little and the same again',
    {
      ...container({}),
      topologySpreadConstraints: [
        {},
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'ScheduleAnyway',
          minDomains: 0,
          nodeTaintsPolicy: 'X',
          labelSelector: { matchExpressions: [{ key: 'a', operator: 'X' }] },
        },
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    },
    [
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway"',
      'spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, ScheduleAnyway}"',
      'spec.topologySpreadConstraints[1].minDomains: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[1].minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
      'spec.topologySpreadConstraints[1].nodeTaintsPolicy: Unsupported value: "X": supported values: "Honor", "Ignore"',
      'spec.topologySpreadConstraints[1].labelSelector.matchExpressions[0].operator: Invalid value: "X": not a valid selector operator',
    ],
  ],
  [
    'a bad deadline',
    { ...container({}), activeDeadlineSeconds: 0 },
    ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
  ],
  [
    'an ephemeral container',
    { ...container({}), ephemeralContainers: [{ name: 'e', image: 'i' }] },
    ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
  ],
  [
    'an ephemeral container with a size and a policy (3.6)',
    {
      ...container({}),
      ephemeralContainers: [
        {
          name: 'main',
          targetContainerName: 'other',
          resources: { requests: { cpu: '1' } },
          resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
          startupProbe: handler,
        },
      ],
    },
    [
      'spec.ephemeralContainers[0].image: Required value',
      'spec.ephemeralContainers[0].name: Duplicate value: "main"',
      'spec.ephemeralContainers[0].targetContainerName: Not found: "other"',
      'spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].resizePolicy: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].startupProbe: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers: Forbidden: cannot be set on create',
    ],
  ],
]

describe('a new pod', () => {
  for (const [name, spec, wanted] of cases) {
    test(name, () => assert.deepEqual(problems(spec), wanted))
  }

  test('had other rules for resize policies', () => {
    const restart = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    const never = { ...container({ resizePolicy: restart }), restartPolicy: 'Never' }
    assert.deepEqual(problems(never, '1.33'), [
      `${c0}.resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when \`restartPolicy\` is 'Never'`,
    ])
    const init = {
      containers: [main],
      initContainers: [{ name: 'i', image: 'i', resizePolicy: restart }],
    }
    assert.deepEqual(problems(init, '1.33'), [])
    assert.deepEqual(problems(init, '1.32'), [
      'spec.initContainers[0].resizePolicy: Invalid value: [{"ResourceName":"cpu","RestartPolicy":"RestartContainer"}]: must not be set for init containers',
    ])
  })
})

describe('an update of a pod (3.7)', () => {
  const may =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'
  const before = container({ resources: { requests: { cpu: '1' } } })

  function changes(old: object, submitted: object, version?: KubeVersion): readonly string[] {
    return validatePodUpdate(podOf(old), podOf(submitted), version).map(formatFieldError)
  }

  test('may change images, add tolerations and shorten the deadline', () => {
    const after = {
      containers: [{ ...main, image: 'i:2', resources: { requests: { cpu: '1' } } }],
      tolerations: [
        ...(podOf(before) as unknown as { spec: { tolerations?: object[] } }).spec.tolerations!,
      ],
      activeDeadlineSeconds: 5,
    }
    after.tolerations.push({ key: 'x' })
    assert.deepEqual(changes(before, after), [])
    assert.deepEqual(changes(after, { ...after, activeDeadlineSeconds: 4 }), [])
    assert.deepEqual(changes(after, { ...after, activeDeadlineSeconds: 6 }), [
      'spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value',
    ])
  })

  test('may not change resources: there is a subresource for that', () => {
    const after = container({ resources: { requests: { cpu: '2' } } })
    assert.deepEqual(changes(before, after), [
      `spec: Forbidden: ${may}\n- spec.containers[0].resources.requests.cpu: "1"\n+ spec.containers[0].resources.requests.cpu: "2"`,
    ])
  })

  test('could change CPU and memory until 1.31, but not the QoS class', () => {
    const after = container({ resources: { requests: { cpu: '2' } } })
    assert.deepEqual(changes(before, after, '1.31'), [])
    const guaranteed = container({ resources: { limits: { cpu: '2', memory: '1Gi' } } })
    assert.deepEqual(changes(before, guaranteed, '1.31'), [
      'metadata: Invalid value: "Burstable": Pod QoS is immutable',
    ])
    const other = container({ resources: { requests: { cpu: '2', 'ephemeral-storage': '1' } } })
    assert.deepEqual(changes(before, other, '1.31'), [
      `spec: Forbidden: ${may},\`spec.containers[*].resources\` (for CPU/memory only)\n+ spec.containers[0].resources.requests.ephemeral-storage: "1"`,
    ])
  })

  test('could not change the sizes of init containers', () => {
    const withInit = (cpu: string) => {
      const resources = { requests: { cpu } }
      return { ...before, initContainers: [{ name: 'i', image: 'i', resources }] }
    }
    assert.deepEqual(changes(withInit('1'), withInit('2'), '1.31'), [
      `spec: Forbidden: ${may},\`spec.containers[*].resources\` (for CPU/memory only)\n- spec.initContainers[0].resources.requests.cpu: "1"\n+ spec.initContainers[0].resources.requests.cpu: "2"`,
    ])
  })

  describe('that scheduling gates hold back', () => {
    const gated = { ...before, schedulingGates: [{ name: 'g' }] }
    const zone = { key: 'zone', operator: 'In', values: ['a', 'b'] }
    const disk = { key: 'disk', operator: 'Exists' }
    const onNodes = (...terms: readonly object[]) => ({
      ...gated,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
        },
      },
    })
    const terms =
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
    const pods = [{ topologyKey: 'zone', labelSelector: {} }]
    const besidePods = {
      ...gated,
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: pods } },
    }

    const allowed: readonly (readonly [string, object, object])[] = [
      ['a label that nodes must have', gated, { ...gated, nodeSelector: { disk: 'ssd' } }],
      ['a first node affinity', gated, onNodes({ matchExpressions: [zone] })],
      [
        'a requirement more',
        onNodes({ matchExpressions: [zone] }),
        onNodes({ matchExpressions: [zone, disk] }),
      ],
      [
        'a first node affinity beside one to pods',
        besidePods,
        {
          ...besidePods,
          affinity: { ...besidePods.affinity, ...onNodes({ matchExpressions: [disk] }).affinity },
        },
      ],
    ]
    for (const [name, old, now] of allowed) {
      test(`may be given ${name}`, () => assert.deepEqual(changes(old, now), []))
    }

    const refused: readonly (readonly [string, object, object, string])[] = [
      [
        'lose a label that nodes must have',
        { ...gated, nodeSelector: { disk: 'ssd' } },
        { ...gated, nodeSelector: { zone: 'a' } },
        'spec.nodeSelector: Invalid value: {"zone":"a"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ],
      [
        'get a choice of nodes more',
        onNodes({ matchExpressions: [zone] }),
        onNodes({ matchExpressions: [zone] }, {}),
        `${terms}: Invalid value: [{"matchExpressions":[{"key":"zone","operator":"In","values":["a","b"]}]},{}]: no additions/deletions to non-empty NodeSelectorTerms list are allowed`,
      ],
      [
        'lose a requirement',
        onNodes({ matchExpressions: [zone, disk] }),
        onNodes({ matchExpressions: [disk] }),
        `${terms}[0]: Invalid value: {"matchExpressions":[{"key":"disk","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)`,
      ],
    ]
    for (const [name, old, now, text] of refused) {
      test(`may not ${name}`, () =>
        assert.ok(changes(old, now).includes(text), changes(old, now).join()))
    }

    test('may not be moved to other pods, nor without gates to other nodes', () => {
      assert.match(changes(gated, besidePods).join(), /spec.affinity/)
      const old = { ...before, schedulingGates: [] }
      assert.match(changes(old, { ...old, nodeSelector: { disk: 'ssd' } }).join(), /Forbidden/)
    })
  })

  test('may not add or remove containers', () => {
    assert.deepEqual(changes(before, { containers: [main, { ...main, name: 'b' }] }), [
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ])
  })

  test('may not take tolerations away', () => {
    const old = { ...before, tolerations: [{ key: 'x', operator: 'Exists' }] }
    assert.deepEqual(changes(old, before), [
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ])
  })

  test('may not move the pod', () => {
    assert.deepEqual(changes(before, { ...before, nodeName: 'n' }), [
      `spec: Forbidden: ${may}\n+ spec.nodeName: "n"`,
    ])
  })
})
