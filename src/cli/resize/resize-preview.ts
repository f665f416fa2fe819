import type { GroupMember } from '../../operate/plan/plan-resize.ts'
import type { PlanVerdict, ResizeForecast } from '../../operate/plan/resize-forecast.ts'
import { CliError } from '../cli-error.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { groupTable } from '../render/group-lines.ts'
import { renderDocuments } from '../render/output.ts'
import { reasonLines } from '../render/plan-lines.ts'
import { podLabels } from '../render/pod-labels.ts'
import { sentDocument } from '../render/resize-document.ts'
import { planLines } from '../render/resize-lines.ts'
import type { ResizeCall } from './resize-flags.ts'
import { refusedLine } from '../render/resize-verdict.ts'
import { paintFor, type Terminal } from '../terminal.ts'

/** What is about to happen, for people. */
export function showPlan(
  members: readonly GroupMember[],
  forecasts: readonly ResizeForecast[] | undefined,
  { stderr, env }: Terminal,
): void {
  const paint = paintFor(stderr, env)
  const reasons = (forecast: ResizeForecast | undefined): readonly string[] =>
    forecast === undefined ? [] : reasonLines(forecast, paint)
  const [only] = members
  if (only !== undefined && members.length === 1) {
    const lines = planLines(only.ref.name, only.prepared.change, paint)
    stderr.write([...lines, ...reasons(forecasts?.[0])].map((line) => `${line}\n`).join(''))
    return
  }
  const labelOf = podLabels(members.map(({ ref }) => ref))
  const rows = members.map(({ ref, prepared }, index) => ({
    pod: labelOf(ref),
    change: prepared.change,
    forecast: forecasts?.[index],
  }))
  stderr.write(groupTable(rows, paint))
  for (const [index, { ref }] of members.entries()) {
    const lines = reasons(forecasts?.[index])
    if (lines.length > 0) stderr.write([`${labelOf(ref)}:`, ...lines, ''].join('\n'))
  }
}

const hopeless: ReadonlySet<PlanVerdict> = new Set(['rejected', 'infeasible', 'gone'])

/** Nothing is sent to any pod while one of them is certain not to get its size; programs get the plan. */
export async function stopIfHopeless(
  members: readonly GroupMember[],
  forecasts: readonly ResizeForecast[],
  call: ResizeCall,
): Promise<void> {
  if (forecasts.some(({ verdict }) => hopeless.has(verdict))) {
    await printPlan(members, forecasts, call)
  }
  for (const [index, { verdict, refusal, ignored, forecast }] of forecasts.entries()) {
    if (!hopeless.has(verdict)) continue
    const name = members[index]?.ref.name ?? ''
    if (refusal !== undefined) throw refusedLine(refusal)
    const infeasible = forecast?.kind === 'infeasible' ? forecast.message : undefined
    const why = ignored ?? infeasible ?? 'it was deleted meanwhile'
    throw new CliError('no', `Cannot resize pod ${name}: ${why}; nothing was sent`)
  }
}

/** What would be sent, and what the server says to it. */
export async function printDryRun(
  members: readonly GroupMember[],
  forecasts: readonly ResizeForecast[] | undefined,
  call: ResizeCall,
): Promise<ExitCode> {
  const { flags, terminal } = call
  if (flags.output === undefined) {
    const what = flags.dryRun === 'server' ? 'accepted by the API server' : 'not sent'
    const labelOf = podLabels(members.map(({ ref }) => ref))
    const lines = members.map(({ ref }) => `pod ${labelOf(ref)}: ${what} (dry run)\n`)
    terminal.stdout.write(lines.join(''))
  }
  await printPlan(members, forecasts, call)
  return exitCodes.done
}

/** The plan as a document, for whoever wants one. */
async function printPlan(
  members: readonly GroupMember[],
  forecasts: readonly ResizeForecast[] | undefined,
  { flags: { output, dryRun }, terminal: { stdout }, isOneNamed }: ResizeCall,
): Promise<void> {
  if (output === undefined) return
  const items = members.map(({ ref, prepared }, index) => ({
    ...sentDocument(ref, prepared),
    ...forecasts?.[index],
    ...(dryRun === undefined ? {} : { dryRun }),
  }))
  stdout.write(await renderDocuments(output, 'ResizePlan', items, isOneNamed))
}
