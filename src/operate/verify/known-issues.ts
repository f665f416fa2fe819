import type { Finding } from '../findings/finding.ts'

/** What of a pod a fingerprint is taken from, beside the finding itself. */
export interface Surroundings {
  /** The largest `memory.max` of the pod's running containers, in bytes. */
  readonly containerMemory?: number | undefined
}

interface Fingerprint {
  readonly codes: readonly Finding['code'][]
  /** `kubernetes#138760` */
  readonly issues: readonly string[]
  readonly fits: (finding: Finding, surroundings: Surroundings) => boolean
}

/** Whether every right value is no limit. */
function wantsNone({ expected = [] }: Finding): boolean {
  return expected.length > 0 && expected.every((one) => /^(max\b|-1$|9223372036854\d+$)/.test(one))
}

/**
 * What Kubernetes and the programs around it are known to do wrong, by what it looks like
 * afterwards. The first that fits counts.
 */
const fingerprints: readonly Fingerprint[] = [
  {
    // The container's own limit was raised and the pod's was not: it is killed below its limit.
    codes: ['CG203'],
    issues: ['kubernetes#138760', 'autoscaler#9829'],
    fits: ({ found }, { containerMemory = 0 }) => Number(found) < containerMemory,
  },
  { codes: ['CG201', 'CG203'], issues: ['kubernetes#138187'], fits: wantsNone },
  { codes: ['CG101', 'CG103'], issues: ['kubernetes#120709'], fits: wantsNone },
  { codes: ['CG105'], issues: ['kubernetes#142569'], fits: wantsNone },
  { codes: ['CG106'], issues: ['kubernetes#140262'], fits: ({ found }) => found === '0' },
  { codes: ['CG106'], issues: ['kubernetes#139377'], fits: ({ file }) => file === 'memory.high' },
  { codes: ['CG204'], issues: ['kubernetes#142572'], fits: ({ found }) => found !== '0' },
  {
    codes: ['CG403'],
    issues: ['kubernetes#141609'],
    fits: ({ file = '' }) => file.startsWith('memory'),
  },
]

/** The finding with the upstream issues that explain what it looks like, if any do. */
export function withKnownIssue(finding: Finding, surroundings: Surroundings): Finding {
  const known = fingerprints.find(
    ({ codes, fits }) => codes.includes(finding.code) && fits(finding, surroundings),
  )
  return known === undefined ? finding : { ...finding, upstream: known.issues }
}
