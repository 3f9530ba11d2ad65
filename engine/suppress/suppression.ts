import type { Silence } from './silence.ts'

/** Why nobody hears of an alert at this moment. `until`: when that is to be looked at again. */
export type Suppression =
  | { readonly kind: 'silence'; readonly silence: Silence; readonly until: Date }
  | { readonly kind: 'inhibition'; readonly inhibitor: Inhibitor; readonly until: Date }

/** The alert whose firing explains the other. */
export interface Inhibitor {
  readonly alertId: string
  /** Of its incident. */
  readonly number: number | null
  readonly title: string
}

/** By alert id; what is not in it may go out. */
export type Suppressions = ReadonlyMap<string, Suppression>
