/** `undecided`: rows came all the while, or the store took too long to count. */
export type RingCheckOutcome = 'equal' | 'different' | 'undecided'

/** What a worker remembers of a relation was compared with what is stored. */
export interface RingCheck {
  readonly relation: string
  readonly outcome: RingCheckOutcome
  /** What was remembered and what is there, where they differ. */
  readonly difference?: string
}
