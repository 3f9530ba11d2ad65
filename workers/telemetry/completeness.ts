/** What is known of a relation's rows before an instant. */
export interface Completeness {
  /** All but the latest hundredth of the rows are visible this long after they happened. */
  readonly delayMs: number
  /** Rows say when the store took them in, as far as anybody has seen. */
  readonly isStamped: boolean
  /** Nothing at all has come since, though rows used to come all the time. */
  readonly silentSince: Date | undefined
}
