import type { FindingMeaning } from './findings/finding-meaning.ts'
import { findingTable, type FindingCode } from './findings/finding-table.ts'
import { planWarningTable, type PlanWarningCode } from './plan/plan-warnings.ts'

export type Code = FindingCode | PlanWarningCode

/** Every code that podfit prints, with its meaning: those of `verify`, then those of `plan`. */
export const codeTable: Readonly<Record<Code, FindingMeaning>> = {
  ...findingTable,
  ...planWarningTable,
}

export const codes = Object.keys(codeTable) as readonly Code[]

/** Codes are said in any case. */
export function codeNamed(text: string): Code | undefined {
  return codes.find((code) => code === text.toUpperCase())
}

const families: readonly (readonly [string, string])[] = [
  ['RS', 'It is about a resize as the API tells of it; `podfit verify` and `podfit why` find it.'],
  ['CG1', "It is about a container's cgroup; `podfit verify` finds it in the kernel's files."],
  ['CG2', "It is about a pod's own cgroup; `podfit verify` finds it in the kernel's files."],
  ['CG3', 'It is about what `podfit verify` could not look at.'],
  ['CG4', "It is about a cgroup above the pod's; `podfit verify` finds it in the kernel's files."],
  [
    'PL',
    'It is about what a resize will not do, or does besides; `podfit plan` and `podfit resize` say it before.',
  ],
]

/** What a warning alone does to the exit code. */
function exitOf(code: Code, passing = false): string {
  if (code.startsWith('PL')) return 'The exit code of `plan` is 4 where the resize is taken.'
  return passing
    ? '`verify` looks again; where it stays until `--timeout`, the exit code is 5.'
    : 'Without an error besides, the exit code of `verify` is 4.'
}

/** The documentation page of a code, in Markdown. */
export function pageOf(code: Code): string {
  const { level, passing, title, cause, cure, details } = codeTable[code]
  const family = families.find(([start]) => code.startsWith(start))?.[1] ?? ''
  const verdict =
    level === 'error'
      ? 'Level: error. The exit code is 3.'
      : `Level: warning. ${exitOf(code, passing)}`
  return `${[
    `# ${code}: ${title}`,
    verdict,
    family,
    ...(details === undefined ? [] : [details]),
    '## Likely cause',
    `${cause}.`,
    '## What to do',
    `${cure}.`,
  ].join('\n\n')}\n`
}

/** The list of all pages, in Markdown. */
export function indexPage(): string {
  const rows = codes.map((code) => {
    const { level, title } = codeTable[code]
    return `| [${code}](${code}.md) | ${level} | ${title} |`
  })
  const head = [
    '# Findings and warnings',
    '',
    'Codes never change their meaning. `podfit explain CODE` prints a page.',
    '',
    '| Code | Level | Meaning |',
    '| --- | --- | --- |',
  ]
  return `${[...head, ...rows].join('\n')}\n`
}
