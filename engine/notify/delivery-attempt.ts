/** One try to tell a destination, for whoever asks why nobody heard. */
export interface DeliveryAttempt {
  /** ISO 8601. */
  readonly at: string
  readonly outcome: 'delivered' | 'failed' | 'unknown'
  /** HTTP's, where it went by HTTP and there was an answer. */
  readonly status: number | null
  readonly durationMs: number
  /** The beginning of the answer, or what went wrong. */
  readonly snippet: string | null
}

/** Whoever told it ended before the answer was written down: it may have been heard. */
export function unknownAttempt(at: Date): DeliveryAttempt {
  const snippet =
    'Whoever told it was stopped before the answer was written down: it may have been heard, and is told again.'
  return { at: at.toISOString(), outcome: 'unknown', status: null, durationMs: 0, snippet }
}

/** Of one notification; older ones are forgotten. */
export const mostAttemptsKept = 20

const longestSnippet = 200

/** What a stranger answered, fit for a terminal and a table: one line, no control characters, cut between code points. */
export function snippetOf(text: string): string {
  const plain = text
    .slice(0, longestSnippet * 4)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .trim()
  const points = Array.from(plain)
  return points.length > longestSnippet ? `${points.slice(0, longestSnippet - 1).join('')}…` : plain
}
