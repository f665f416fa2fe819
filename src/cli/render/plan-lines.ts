import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity/quantity.ts'
import type { Forecast, Holder } from '../../domain/resize/admission/forecast.ts'
import { bytes, milliCpu } from '../../domain/units.ts'
import type { ExpectedFile } from '../../operate/cgroups/expected-files.ts'
import type { PlanVerdict, ResizeForecast } from '../../operate/plan/resize-forecast.ts'
import type { Paint } from '../terminal.ts'
import { formatSize } from './resize-lines.ts'

const verdicts: Readonly<Record<PlanVerdict, readonly ['green' | 'yellow' | 'red', string]>> = {
  accepted: ['green', 'accepted now'],
  unjudged: ['yellow', 'the API server takes it; room on the node is not judged'],
  deferred: ['yellow', 'deferred: the node would take it when it has room'],
  infeasible: ['red', 'infeasible: this node can never grant it'],
  rejected: ['red', 'rejected by the API server'],
  gone: ['red', 'there is no such pod any more'],
}

/** How many of the pods that hold the room are named. */
const mostHolders = 5

/** What speaks against a resize, or is worth knowing before it; nothing if it simply works. */
export function reasonLines(forecast: ResizeForecast, paint: Paint): readonly string[] {
  const [colour, words] = verdicts[forecast.verdict]
  const goesThrough = forecast.verdict === 'accepted'
  return [
    ...(goesThrough ? [] : [`  verdict ${paint(colour, words)}`]),
    // The server's own words come as the error.
    ...(forecast.verdict === 'rejected' ? nearestLines(forecast) : whyLines(forecast)),
    ...(goesThrough ? [] : largestLine(forecast)),
    ...adviceLines(forecast, paint),
  ]
}

function adviceLines({ warnings, unseen }: ResizeForecast, paint: Paint): readonly string[] {
  return [
    ...warnings.map(({ code, message }) => paint('yellow', `  ${code}   ${message}`)),
    ...unseen.map((why) => paint('yellow', `  unseen  ${why}`)),
  ]
}

/** The verdict and its reasons, for people. */
export function forecastLines(forecast: ResizeForecast, paint: Paint): readonly string[] {
  const [colour, words] = verdicts[forecast.verdict]
  return [
    `  verdict ${paint(colour, words)}`,
    ...whyLines(forecast),
    ...largestLine(forecast),
    ...fileLines(forecast, paint),
    ...adviceLines(forecast, paint),
  ]
}

function nearestLines({ keepsQos }: ResizeForecast): readonly string[] {
  if (keepsQos === undefined) return []
  const what =
    Object.keys(keepsQos).length === 0
      ? 'none: a BestEffort pod keeps its QoS class only without requests and limits'
      : `${formatSize(keepsQos)} keeps the QoS class`
  return [`  nearest ${what}`]
}

function whyLines(planned: ResizeForecast): readonly string[] {
  const { refusal, ignored, forecast } = planned
  if (ignored !== undefined) return [`  why     ${ignored}`]
  if (refusal !== undefined) return [`  why     ${refusal.message}`, ...nearestLines(planned)]
  if (forecast === undefined || forecast.kind === 'accepted') return []
  if (forecast.kind === 'infeasible') {
    return [`  why     ${forecast.message}`, `  rule    ${forecast.rule}`]
  }
  return [`  why     ${forecast.message}`, ...holderLines(forecast)]
}

/** The pods that hold the room, in order of what would help; the first few of them. */
export function holderLines({
  shortages,
  holders,
}: Extract<Forecast, { kind: 'deferred' }>): readonly string[] {
  const resource = shortages[0]?.resource ?? ''
  const named = holders.slice(0, mostHolders).map((one) => holderLine(one, resource))
  const rest = holders.length - named.length
  return [...named, ...(rest > 0 ? [`          and ${rest} more pods`] : [])]
}

function holderLine({ namespace, name, holds, enough }: Holder, resource: string): string {
  const amount = amountText(resource, holds)
  return `  holds   ${namespace}/${name} ${amount} ${resource}${enough ? ', enough if it went' : ''}`
}

function largestLine({ largest }: ResizeForecast): readonly string[] {
  if (largest === undefined) return []
  const cpu = amountText('cpu', largest.cpu)
  const memory = amountText('memory', wholeMebibytes(largest.memory))
  return [`  largest requests that fit now: cpu ${cpu}, memory ${memory}`]
}

/** Rounded down, so that it does fit. What is less than one stays as it is. */
function wholeMebibytes(memory: number): number {
  return memory < 2 ** 20 ? memory : memory - (memory % 2 ** 20)
}

function fileLines({ files, verdict }: ResizeForecast, paint: Paint): readonly string[] {
  if (verdict === 'rejected' || verdict === 'infeasible' || verdict === 'gone') return []
  const text = (all: readonly ExpectedFile[]): string =>
    all.map(({ file, value, or = [] }) => [`${file} ${value}`, ...or].join(' or ')).join(', ')
  return [
    ...(files.container.length === 0
      ? []
      : [paint('dim', `  container cgroup will say ${text(files.container)}`)]),
    paint('dim', `  pod cgroup will say ${text(files.pod)}`),
    ...files.assumed.map((what) => paint('dim', `  assumed ${what}`)),
  ]
}

function amountText(resource: string, amount: number): string {
  if (resource === 'cpu') return milliCpuQuantity(milliCpu(amount))
  return resource === 'memory' ? bytesQuantity(bytes(amount)) : String(amount)
}
