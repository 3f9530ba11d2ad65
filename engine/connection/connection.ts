import type { z } from 'zod'
import type { IntegrationKind } from '#engine/medium.ts'

/**
 * One kind of integration: what a person fills in, which parts of it are secret, and where it leads. What it says is in
 * `engine/message/<kind>.ts`, how it is said in `workers/notifiers/<kind>.ts`.
 */
export interface ConnectionDefinition<Settings extends object = object> {
  readonly kind: IntegrationKind
  readonly label: string
  /** One sentence: what it does when an alert comes. */
  readonly about: string
  /** Everything that is not secret; strict, so that a typing error is refused by its name. */
  readonly settings: z.ZodType<Settings>
  readonly secrets: readonly SecretField[]
  /** Which of them are needed besides the required ones, for these settings: a password where somebody logs in. */
  readonly secretsNeeded?: (settings: Settings) => readonly string[]
  /**
   * Where it leads, such as `https://hooks.example.org`. Secrets belong to a host: when it changes they are dropped, so that
   * nobody can lead a token they may not read to a server of their own. Undefined = nowhere outside.
   */
  readonly hostOf: (settings: Settings, secrets: Secrets) => string | undefined
}

interface SecretField {
  /** As the API names it. */
  readonly name: string
  readonly label: string
  readonly required: boolean
  /** Why this text cannot be it, without the text itself. */
  readonly problem?: (value: string) => string | undefined
}

export type Secrets = Readonly<Record<string, string>>

/** A connection with its secrets, for as long as one message takes. Never logged, never put into a job or an error. */
export interface OpenConnection {
  readonly id: string
  readonly name: string
  readonly kind: IntegrationKind
  /** As the schema of its kind left them. */
  readonly settings: unknown
  readonly secrets: Secrets
  /** The body that the rule of the alert gives, in place of its own. */
  readonly bodyOverride?: string
  /** The contact it speaks to now, where it carries a medium of contacts. */
  readonly recipient?: Recipient
}

export interface Recipient {
  readonly id: string
  /** Empty where it is a secret. */
  readonly address: string
}

/** Keeps the type of its settings to itself, so that definitions of all kinds fit into one registry. */
export function defineConnection<Settings extends object>(
  definition: ConnectionDefinition<Settings>,
): ConnectionDefinition {
  const { settings, secretsNeeded, hostOf, ...rest } = definition
  return {
    ...rest,
    settings,
    ...(secretsNeeded && { secretsNeeded: (input: object) => secretsNeeded(settings.parse(input)) }),
    hostOf: (input, secrets) => hostOf(settings.parse(input), secrets),
  }
}
