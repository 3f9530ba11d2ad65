import type { MediumWords } from '#engine/directory/contact-words.ts'
import type { RuleWords } from '#engine/directory/rule-keywords.ts'
import type { Clauses } from './clauses.ts'

/** Everything a person can ask for, as data. Numbers are incident numbers, the `#42` of every message. */
export type Command =
  | { readonly name: 'list'; readonly only: 'open' | 'firing' | 'acknowledged' | 'resolved' }
  | { readonly name: 'show'; readonly number: number }
  /** `only`: one alert of the one incident that is named, counted from 1: `ack 42.2`. */
  | { readonly name: 'acknowledge'; readonly numbers: readonly number[]; readonly only?: number }
  | { readonly name: 'resolve'; readonly numbers: readonly number[]; readonly only?: number }
  /** Without `until` the person is asked by form. */
  | { readonly name: 'silence'; readonly number: number; readonly until?: SilenceUntil }
  /** Without clauses the person is asked by form. */
  | { readonly name: 'silence-where'; readonly clauses?: Clauses }
  /** Ids may be the beginning of one. */
  | { readonly name: 'silence-extend'; readonly id: string; readonly seconds: number }
  | { readonly name: 'silence-expire'; readonly id: string }
  | { readonly name: 'silence-list' }
  | { readonly name: 'maintenance'; readonly clauses: Clauses }
  | { readonly name: 'maintenance-end'; readonly id: string }
  | { readonly name: 'maintenance-list' }
  | { readonly name: 'contact-list' }
  | { readonly name: 'contact'; readonly id: string }
  | ContactChange
  | { readonly name: 'entity'; readonly entity: string }
  /** `subject`: `entity` or `entity:check`, as it was written. */
  | { readonly name: 'who'; readonly subject: string }
  /** `subject`: the number of an alert, or a check as above. */
  | { readonly name: 'explain'; readonly subject: string }
  | { readonly name: 'routes' }
  | RouteChange
  | { readonly name: 'test'; readonly subject: string }
  | { readonly name: 'rule-list' }
  | { readonly name: 'rule-create' }
  /** `rule`: its name, or the beginning of its id. */
  | { readonly name: 'rule-show'; readonly rule: string }
  | RuleChange
  | { readonly name: 'help'; readonly topic?: string }

/** Words as they were typed: whether they make sense is found out where REST finds it out. */
export type ContactChange =
  | {
      readonly name: 'contact-add'
      readonly id: string
      readonly person?: string
      readonly zone?: string
    }
  | { readonly name: 'contact-remove'; readonly id: string; readonly isSure: boolean }
  /** Without `medium` it is taken away. */
  | {
      readonly name: 'contact-media'
      readonly id: string
      readonly type: string
      readonly medium?: MediumWords
    }
  /** `subject`: `entity`, `entity:check` or `everything`. */
  | { readonly name: 'contact-hears'; readonly id: string; readonly subject: string }
  | { readonly name: 'contact-hears-no-more'; readonly id: string; readonly subject: string }
  /** Without `rule` the person is asked by form. */
  | { readonly name: 'contact-rule'; readonly id: string; readonly rule?: RuleWords }
  /** `rule` may be the beginning of an id. */
  | { readonly name: 'contact-rule-remove'; readonly id: string; readonly rule: string }

/** `rule`: its name, or the beginning of its id. */
export type RuleChange =
  | { readonly name: 'rule-enable' | 'rule-disable'; readonly rule: string }
  | { readonly name: 'rule-delete'; readonly rule: string; readonly isSure: boolean }

/** One cell of the matrix; `default` gives it back to the row `global`. */
export interface RouteChange {
  readonly name: 'route'
  readonly row: string
  readonly severity: string
  readonly to: 'default' | readonly string[]
}

export type SilenceUntil =
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'tomorrow' }

export type CommandName = Command['name']
