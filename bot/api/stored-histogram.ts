import { Histogram, type Registry } from 'prom-client'

/** What was observed under one set of labels. */
interface Observed {
  readonly labels: Readonly<Record<string, string>>
  readonly count: number
  readonly sum: number
  /** For each bound, how many were at most so much. */
  readonly within: readonly number[]
}

interface Stored {
  readonly name: string
  readonly help: string
  readonly bounds: readonly number[]
  readonly read: () => Promise<readonly Observed[]>
}

export function registerHistogram(registry: Registry, stored: Stored): void {
  registry.registerMetric(new StoredHistogram(stored))
}

/** Its observations were counted by whoever made them. */
class StoredHistogram extends Histogram {
  private readonly stored: Stored

  constructor(stored: Stored) {
    const { name, help, bounds } = stored
    super({ name, help, buckets: [...bounds], registers: [] })
    this.stored = stored
  }

  /** What the registry asks histograms for instead of `get`. */
  async getForPromString() {
    const { name, help, read } = this.stored
    const values = (await read()).flatMap((one) => samplesOf(this.stored, one))
    return { name, help, type: 'histogram', aggregator: 'sum', values }
  }
}

function samplesOf({ name, bounds }: Stored, { labels, count, sum, within }: Observed) {
  const bucket = (le: number | '+Inf', value: number) => ({
    metricName: `${name}_bucket`,
    exemplar: null,
    labels: { le, ...labels },
    value,
  })
  return [
    ...bounds.map((le, index) => bucket(le, within[index] ?? 0)),
    bucket('+Inf', count),
    { metricName: `${name}_sum`, exemplar: null, labels, value: sum },
    { metricName: `${name}_count`, exemplar: null, labels, value: count },
  ]
}
