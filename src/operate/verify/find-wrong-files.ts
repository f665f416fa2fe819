import type { FileCheck } from '../cgroups/cgroup-checks.ts'
import type { LayeredValue } from '../cgroups/layered-value.ts'
import { noLimitIsQuota } from '../cgroups/no-quotas.ts'
import { toldBy } from '../cluster/kubelet-policies.ts'
import type { FindingCode } from '../findings/finding-table.ts'
import type { Finding } from '../findings/finding.ts'
import type { DriftQuestion } from './drift-question.ts'

/** The cgroup files that were read and hold another size than the pod has; none while it is between two. */
export function findWrongFiles(question: DriftQuestion): readonly Finding[] {
  const { look, held, containers, podCgroup, kubelet } = question
  if (look.kind === 'unseen' || held === 'inBetween') return []
  const running = containers.filter((container) => container.running)
  const wrong = [
    ...running.flatMap(({ name, values }) => fileFindings('container', name, values)),
    ...fileFindings('pod', undefined, podCgroup.values),
  ]
  const checks = running.flatMap(({ values }) => values.flatMap(({ files }) => files))
  const around = podCgroup.values.flatMap(({ files }) => files)
  const unenforced = toldBy(kubelet) === undefined && noLimitIsQuota(checks, around)
  return unenforced ? withoutQuotas(wrong) : wrong
}

const fileCodes = {
  container: { cpuLimit: 'CG101', cpuRequest: 'CG102', memoryLimit: 'CG103' },
  pod: { cpuLimit: 'CG201', cpuRequest: 'CG202', memoryLimit: 'CG203' },
} as const satisfies Record<string, Record<FileCheck['value'], FindingCode>>

function fileFindings(
  level: keyof typeof fileCodes,
  container: string | undefined,
  values: readonly LayeredValue[],
): readonly Finding[] {
  return values
    .flatMap(({ files }) => files)
    .filter(({ ok }) => !ok)
    .map(({ value, file, found, expected }) => ({
      code: fileCodes[level][value],
      ...(container === undefined ? {} : { container }),
      message: `${file} says ${found}, it should say ${expected.join(' or ')}`,
      file,
      found,
      expected,
    }))
}

function withoutQuotas(wrong: readonly Finding[]): readonly Finding[] {
  const others = wrong.filter(({ code }) => code !== 'CG101' && code !== 'CG201')
  return [{ code: 'CG104', message: 'None of the CPU limits is a quota in the kernel' }, ...others]
}
