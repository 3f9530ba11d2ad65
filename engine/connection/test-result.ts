/** What a test found out. Nothing of what was answered: a test must not read pages to whoever presses it. */
export interface ConnectionTestResult {
  readonly delivered: boolean
  /** Such as 2xx; null = there was no answer, or it is no HTTP. */
  readonly statusClass: string | null
  readonly tookMs: number
  /** null without TLS. */
  readonly tls: {
    readonly protocol: string
    readonly issuer: string
    readonly validUntil: string
    readonly isTrusted: boolean
  } | null
  /** Why it did not arrive, in our own words. */
  readonly problem: string | null
  /** ISO 8601. */
  readonly at: string
}
