import type { AlertState, HeardWebhook } from './webhook.ts'

/** What came of one storm. */
export interface Ledger {
  hear(webhook: HeardWebhook): void
  /** The last byte of the first webhook that said so of this alert. */
  firstHeardAtMs(number: number, state: AlertState): number | undefined
  webhooks(): number
  /**
   * Webhooks that said of one group what one before had said, the same alerts in the same states: how many
   * milliseconds later each came.
   */
  repeats(): readonly number[]
}

export function openLedger(run: string): Ledger {
  const first = { firing: new Map<number, number>(), resolved: new Map<number, number>() }
  const said = new Map<string, number>()
  const repeats: number[] = []
  let webhooks = 0
  return {
    hear({ atMs, group, alerts }) {
      const ours = alerts.filter((alert) => alert.run === run)
      if (ours.length === 0) return
      webhooks++
      for (const { number, state } of ours) if (!first[state].has(number)) first[state].set(number, atMs)
      const saying = `${group} ${ours
        .map(({ number, state }) => `${number} ${state}`)
        .sort()
        .join()}`
      const saidAtMs = said.get(saying)
      if (saidAtMs !== undefined) repeats.push(atMs - saidAtMs)
      said.set(saying, atMs)
    },
    firstHeardAtMs: (number, state) => first[state].get(number),
    webhooks: () => webhooks,
    repeats: () => repeats,
  }
}
