import type { Container } from '../pod.ts'
import { type Probe, type ProbeKind, probeKinds } from '../pod/probe.ts'
import type { ProbeResult } from './probe-state.ts'

/** What the probes of one container run say; a probe that has not run yet is absent. */
export type ProbeResults = Readonly<Partial<Record<ProbeKind, ProbeResult>>>

export interface ContainerHealth {
  /** Its startup probe has succeeded, if it has one. */
  readonly started: boolean
  /** It has started, and its readiness probe succeeds, if it has one. */
  readonly ready: boolean
  /** The probe for which it has to be killed. */
  readonly failed: 'startup' | 'liveness' | undefined
}

export function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  return container[`${kind}Probe`]
}

export function hasProbes(container: Container): boolean {
  return probeKinds.some((kind) => probeOf(container, kind) !== undefined)
}

/** The health of a running container. */
export function healthOf(container: Container, results: ProbeResults): ContainerHealth {
  const started = container.startupProbe === undefined || results.startup === 'success'
  const ready =
    started && (container.readinessProbe === undefined || results.readiness === 'success')
  return { started, ready, failed: failedProbe(container, results) }
}

function failedProbe(
  container: Container,
  results: ProbeResults,
): 'startup' | 'liveness' | undefined {
  if (container.startupProbe !== undefined && results.startup === 'failure') return 'startup'
  if (container.livenessProbe !== undefined && results.liveness === 'failure') return 'liveness'
  return undefined
}

/** Which probes are to run now: the others wait for the startup probe, which runs until it succeeds. */
export function probesToRun(container: Container, results: ProbeResults): readonly ProbeKind[] {
  const { started } = healthOf(container, results)
  return probeKinds.filter((kind) => {
    if (probeOf(container, kind) === undefined) return false
    return kind === 'startup' ? !started : started
  })
}
