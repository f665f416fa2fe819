import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity/quantity.ts'
import { type Size } from '../../domain/resources/size.ts'
import type { FollowState, LayerProgress } from '../../operate/resize/follow/follow-state.ts'
import { partText } from '../../operate/pod-part.ts'
import type { SizeChange } from '../../operate/resize/size-change.ts'
import { resizeLayers, type ResizeLayer } from '../../operate/resize/follow/layer-state.ts'
import { formatMilliseconds } from './duration.ts'
import { type Paint } from '../terminal.ts'
import { type LiveLine } from './live-lines.ts'

const layerNames: Readonly<Record<ResizeLayer, string>> = {
  desired: 'desired',
  allocated: 'allocated',
  status: 'status',
  containerCgroup: 'container cgroup',
  podCgroup: 'pod cgroup',
}

const texts = {
  cpu: (size: Size) => [size.cpuRequest, size.cpuLimit].map((cpu) => cpu && milliCpuQuantity(cpu)),
  memory: (size: Size) =>
    [size.memoryRequest, size.memoryLimit].map((memory) => memory && bytesQuantity(memory)),
} as const

/** Request and limit as the command line takes them: `250m:500m`, with `none` for what is not set. */
export function formatSide(size: Size, resource: 'cpu' | 'memory'): string {
  return texts[resource](size)
    .map((text) => text ?? 'none')
    .join(':')
}

/** `cpu 250m:500m, memory 64Mi:none` */
export function formatSize(size: Size): string {
  return `cpu ${formatSide(size, 'cpu')}, memory ${formatSide(size, 'memory')}`
}

/** `cpu 250m:500m → 500m:1`; the resource alone with its size where nothing changes. */
function changeLine(change: SizeChange, resource: 'cpu' | 'memory'): string {
  const before = formatSide(change.before, resource)
  const after = formatSide(change.after, resource)
  const size = before === after ? `${before} (unchanged)` : `${before} → ${after}`
  return `${resource.padEnd(6)} ${size}`
}

/** What the change will be, before it is sent: sizes as request:limit, and whether it restarts. */
export function planLines(pod: string, change: SizeChange, paint: Paint): readonly string[] {
  const { container, restartsFor, restarting } = change
  const [part, whose] =
    container === undefined
      ? [partText(container), `the resizePolicy of container ${restarting.join(', ')}`]
      : [`container ${paint('bold', container)}`, "the container's resizePolicy"]
  return [
    `pod ${paint('bold', pod)}, ${part} (request:limit)`,
    `  ${changeLine(change, 'cpu')}`,
    `  ${changeLine(change, 'memory')}`,
    restartsFor.length === 0
      ? `  restart none`
      : paint(
          'yellow',
          `  restart yes: ${whose} for ${restartsFor.join(' and ')} is RestartContainer`,
        ),
  ]
}

/** What a reached layer shows. */
function reachedDetail(layer: ResizeLayer, progress: LayerProgress, state: FollowState): string {
  if (layer === 'desired') {
    const { generation } = state.target
    return generation === undefined ? '' : `generation ${generation}`
  }
  const { state: reached } = progress
  if (reached.kind !== 'reached') return ''
  return (reached.checks ?? []).map(({ file, found }) => `${file} ${found}`).join(', ')
}

function layerLine(layer: ResizeLayer, state: FollowState, paint: Paint): string {
  const progress = state.layers[layer]
  const name = layerNames[layer].padEnd(17)
  switch (progress.state.kind) {
    case 'reached': {
      const time =
        progress.afterMs === undefined ? 'unchanged' : formatMilliseconds(progress.afterMs)
      const detail = reachedDetail(layer, progress, state)
      return `${paint('green', '✓')} ${name} ${time.padStart(9)}   ${paint('dim', detail)}`.trimEnd()
    }
    case 'waiting':
      return `${paint('dim', '…')} ${name} ${''.padStart(9)}   ${paint('dim', progress.state.why)}`.trimEnd()
    case 'unseen':
    case 'notNow':
      return `${paint('yellow', '?')} ${name} ${''.padStart(9)}   ${progress.state.why}`
    default:
      return progress.state satisfies never
  }
}

/** Every layer of a resize under way as a line. The cgroups, once reached, come with their files. */
export function layerLines(state: FollowState, paint: Paint): readonly LiveLine[] {
  return resizeLayers.map((layer) => ({
    key: layer,
    text: layerLine(layer, state, paint),
    final: state.layers[layer].state.kind !== 'waiting',
  }))
}
