import { type Check, type CheckLevel } from '../../operate/check/check.ts'
import { checkCluster, type CheckReport, worstLevel } from '../../operate/check/check-cluster.ts'
import { addConnectionFlags, openCluster, type ConnectionFlags } from '../cluster/connection.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { readServerFacts } from '../cluster/kube-server-facts.ts'
import { machineFacts } from '../cgroups/machine-facts.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from '../render/output.ts'
import { paintFor, type Paint, type Style, type Terminal } from '../terminal.ts'
import type { VerbContext } from '../verb.ts'

interface CheckFlags extends ConnectionFlags {
  readonly output?: OutputFormat
  readonly pre?: boolean
}

const marks: Readonly<Record<CheckLevel, readonly [Style, string]>> = {
  ok: ['green', '✓'],
  warning: ['yellow', '‼'],
  error: ['red', '✗'],
}

const verdicts: Readonly<Record<CheckLevel, readonly [Style, string, ExitCode]>> = {
  ok: ['green', 'pods can be resized in place here', exitCodes.done],
  warning: [
    'yellow',
    'pods can be resized in place here, with the reservations above',
    exitCodes.warnings,
  ],
  error: ['red', 'pods cannot be resized in place here as it is', exitCodes.no],
}

function checkLines({ level, text, hint }: Check, paint: Paint): readonly string[] {
  const [style, mark] = marks[level]
  return [
    `${paint(style, mark)} ${text}`,
    ...(hint === undefined ? [] : [paint('dim', `    ${hint}`)]),
  ]
}

async function render(report: CheckReport, paint: Paint): Promise<string> {
  const { stringify } = await import('yaml')
  const [style, verdict] = verdicts[worstLevel(report)]
  return [
    ...report.sections.flatMap(({ title, checks }) => [
      paint('bold', title),
      ...checks.flatMap((check) => checkLines(check, paint)),
      '',
    ]),
    ...report.roles.flatMap((role) => ['---', stringify(role).trimEnd(), '']),
    paint(style, verdict),
    '',
  ].join('\n')
}

async function check(flags: CheckFlags, terminal: Terminal): Promise<ExitCode> {
  const { stdout, env, signal } = terminal
  using cluster = await openCluster(flags, terminal)
  const deep = flags.pre !== true
  const facts = await readServerFacts(cluster.client, cluster.namespace, { deep }, signal)
  const report = checkCluster(facts, cluster.namespace, deep ? machineFacts() : undefined)
  const level = worstLevel(report)
  const [, , exit] = verdicts[level]
  stdout.write(
    flags.output === undefined
      ? await render(report, paintFor(stdout, env))
      : await renderDocument(flags.output, 'CheckReport', { level, ...report }),
  )
  return exit
}

const examples = `Check whether this cluster, its nodes and this user can resize pods in place. What is missing of
permissions is printed as the smallest role that grants it.

Examples:
  podfit check          # everything, with kubelet policies and this machine's cgroups
  podfit check --pre    # API server, permissions and nodes only
  podfit check --as system:serviceaccount:shop:ci -n shop
`

export function define({ command, terminal, finish }: VerbContext): void {
  addConnectionFlags(command)
    .option('--pre', 'only what has to hold before anything is resized')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((flags: CheckFlags) => finish(check(flags, terminal)))
}
