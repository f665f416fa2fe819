import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'

/** One part of what `npm test` promises. */
export interface Stage {
  readonly name: string
  readonly title: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** File to which test/support/results-reporter.ts writes; absent where no tests run. */
  readonly results?: string
  /** Runs beside the others that say so, and shows its output when it ends. */
  readonly beside?: true
  /** The command that runs only these files. */
  readonly only?: (files: readonly string[]) => readonly string[]
}

/** Minutes that the tests of one file may take: more than a slow and busy machine needs. */
const fileMinutes = { host: 10, uml: 15 }
/** Minutes until a guest is killed with everything in it. */
const guestMinutes = 25
/**
 * What depends on the kernel's cgroups. The API, kubectl and the packaging are the same on both.
 * Two guests share it, of one CPU each, so that both take about as long.
 */
const guestTests = [
  [
    'test/resize/**/*.test.ts',
    'test/faults/crash-in-resize.test.ts',
    'test/faults/crash-in-shrink.test.ts',
    'test/faults/failing-runtime.test.ts',
    'test/faults/random-kills.test.ts',
    'test/plan/accuracy.test.ts',
  ],
  [
    'test/cgroup/**/*.test.ts',
    'test/cri/errors.test.ts',
    'test/cri/events.test.ts',
    'test/e2e/**/*.test.ts',
    'test/cli/crashed-resize.test.ts',
    'test/cli/findings.test.ts',
    'test/demo/demo.test.ts',
  ],
]
/** What needs systemd as process 1. */
const systemdFile = 'test/resize/systemd.test.ts'

function testRunner(file: string, ...options: readonly string[]): readonly string[] {
  return [
    'node',
    '--test',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./test/support/results-reporter.ts',
    `--test-reporter-destination=${file}`,
    ...options,
  ]
}

/**
 * All stages in their order: what is quick first.
 *
 * @param directory a directory for the results; it has to outlive the guest
 * @param files patterns of the end-to-end tests, if not all of them
 */
export function stages(directory: string, files: readonly string[]): readonly Stage[] {
  const onHost = files.length > 0 ? files : ['test/**/*.test.ts']
  const guestFiles = files.length > 0 ? dealt(files, guestTests.length) : guestTests
  return [
    { name: 'types', title: 'Types', command: ['tsc', '-p', '.'] },
    { name: 'lint', title: 'Lint', command: ['oxlint'] },
    { name: 'format', title: 'Format', command: ['oxfmt', '--check', '.'] },
    pureTests(join(directory, 'pure.json')),
    testsOnThisMachine(join(directory, 'host.json'), onHost),
    ...testsInGuests(directory, guestFiles),
    testsUnderSystemd(directory),
  ]
}

function pureTests(results: string): Stage {
  return {
    name: 'pure',
    title: 'Pure tests',
    command: testRunner(
      results,
      '--import=./test/support/fixed-seed.ts',
      '--test-isolation=none',
      'src/**/*.test.ts',
    ),
    results,
  }
}

function testsOnThisMachine(results: string, files: readonly string[]): Stage {
  const version = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1'
  const timeout = `--test-timeout=${fileMinutes.host * 60_000}`
  const only: Stage['only'] = (some) =>
    testRunner(results, '--test-concurrency=2', timeout, ...some)
  return {
    name: 'host',
    title: `End to end on this machine (cgroup ${version})`,
    command: only(files),
    results,
    only,
  }
}

/** The files by turns. A share without one would be a run of everything. */
function dealt(patterns: readonly string[], most: number): readonly (readonly string[])[] {
  const files = globSync([...patterns])
  if (files.length === 0) return [patterns]
  const shares = Math.min(most, files.length)
  return Array.from({ length: shares }, (_, share) =>
    files.filter((_file, index) => index % shares === share),
  )
}

function testsInGuests(
  directory: string,
  shares: readonly (readonly string[])[],
): readonly Stage[] {
  return shares.map((files, index) => {
    const share = `${index + 1}/${shares.length}`
    return {
      name: 'uml',
      title: `End to end in User-mode Linux (cgroup v2), share ${share}`,
      ...inGuest(directory, `uml-${index + 1}.json`, files),
    }
  })
}

function testsUnderSystemd(directory: string): Stage {
  const { env, ...guest } = inGuest(directory, 'systemd.json', [systemdFile])
  return {
    name: 'systemd',
    title: 'The systemd cgroup driver in User-mode Linux (cgroup v2)',
    ...guest,
    env: { ...env, PODFIT_UML_INIT: 'init-systemd' },
  }
}

/** Of all that the guest writes only what goes to `directory` is there when it has ended. */
function inGuest(
  directory: string,
  name: string,
  files: readonly string[],
): Omit<Stage, 'name' | 'title'> {
  const results = join(directory, name)
  const timeout = `--test-timeout=${fileMinutes.uml * 60_000}`
  const only = (some: readonly string[]): readonly string[] => [
    'scripts/uml',
    ...testRunner(results, '--test-concurrency=1', timeout, ...some),
  ]
  const env = {
    PODFIT_UML_KEEP: directory,
    PODFIT_UML_TIMEOUT: String(guestMinutes * 60),
    PODFIT_TEST_SLOW: '10',
  }
  return { command: only(files), env, results, beside: true, only }
}
