/** One value of a metric. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Milliseconds since 1970; absent for what does not change. */
  readonly at?: number
}

export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: readonly Sample[]
}

/** The type of an answer in the text form of Prometheus. */
export const prometheusText = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * The families in the text form of Prometheus; those without samples are left out. What prom-client
 * writes has no times, and a kubelet's samples do.
 */
export function prometheusLines(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, type, help, samples }) => {
    if (samples.length === 0) return []
    return [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map((sample) => sampleLine(name, sample)),
    ]
  })
  return lines.map((line) => `${line}\n`).join('')
}

function sampleLine(name: string, { labels, value, at }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  const labelled = pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
  return [labelled, value, ...(at === undefined ? [] : [at])].join(' ')
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
