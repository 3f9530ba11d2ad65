/** Everything a person can ask for, as data. Numbers are incident numbers, the `#42` of every message. */
export type Command =
  | { readonly name: 'list'; readonly only: 'open' | 'firing' | 'acknowledged' | 'resolved' }
  | { readonly name: 'show'; readonly number: number }
  | { readonly name: 'acknowledge'; readonly numbers: readonly number[] }
  | { readonly name: 'resolve'; readonly numbers: readonly number[] }
  /** Without `until` the person is asked by form. */
  | { readonly name: 'silence'; readonly number: number; readonly until?: SilenceUntil }
  | { readonly name: 'rule-list' }
  | { readonly name: 'rule-create' }
  | { readonly name: 'help'; readonly topic?: string }

export type SilenceUntil =
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'tomorrow' }

export type CommandName = Command['name']
