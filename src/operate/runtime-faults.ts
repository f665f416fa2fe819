/** Something that a version of a container runtime is known to do wrong. */
export interface RuntimeFault {
  readonly text: string
  readonly hint: string
  /** Resizing does not work at all. */
  readonly fatal: boolean
}

interface KnownFault extends RuntimeFault {
  readonly runtime: string
  /** The first version without it. */
  readonly fixedIn: readonly [number, number, number]
}

const knownFaults: readonly KnownFault[] = [
  {
    runtime: 'containerd',
    fixedIn: [1, 6, 9],
    text: 'does not report the sizes of containers (containerd#7023)',
    hint: 'upgrade to 1.6.9 or later: without it no resize is ever seen to be done',
    fatal: true,
  },
  {
    runtime: 'cri-o',
    fixedIn: [1, 24, 2],
    text: 'does not report the sizes of containers',
    hint: 'upgrade to 1.24.2 or later',
    fatal: true,
  },
  {
    runtime: 'docker',
    fixedIn: [Infinity, 0, 0],
    text: 'is not known to resize in place',
    hint: 'cri-dockerd has to implement UpdateContainerResources and report sizes',
    fatal: false,
  },
]

/** The known faults of a runtime as a node names it: `containerd://1.6.20`. */
export function runtimeFaults(runtimeVersion: string): readonly RuntimeFault[] {
  const [, runtime = '', ...numbers] =
    /^([\w-]+):\/\/v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(runtimeVersion) ?? []
  const version = numbers.map((number) => Number(number ?? 0))
  return knownFaults
    .filter((fault) => fault.runtime === runtime && isBefore(version, fault.fixedIn))
    .map(({ text, hint, fatal }) => ({ text, hint, fatal }))
}

function isBefore(version: readonly number[], fixed: readonly number[]): boolean {
  for (const [index, number] of fixed.entries()) {
    const own = version[index] ?? 0
    if (own !== number) return own < number
  }
  return false
}
