import { z } from 'zod'
import type { IntegrationKind } from '#engine/medium.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { unstorablePaths } from '#engine/storable-text.ts'
import type { ConnectionDefinition, Secrets } from './connection.ts'
import { connectionKinds, findConnectionDefinition, kindMeant } from './registry.ts'

/** A connection as it is to be kept, its secrets in the open until they are sealed. */
export interface ConnectionDraft {
  readonly name: string
  readonly kind: IntegrationKind
  readonly settings: object
  readonly secrets: Secrets
  readonly host: string | null
  readonly allowedEnvironments: readonly string[]
  readonly enabled: boolean
  /** Secrets that were there and are not any more, because the host is another one now. */
  readonly dropped: readonly string[]
}

/** What there was before a change, as far as it decides. */
export type ConnectionBefore = Omit<ConnectionDraft, 'dropped'>

export type ReadDraft = { readonly draft: ConnectionDraft } | { readonly problems: readonly FieldProblem[] }

const named = z
  .string({ error: 'The name must be text.' })
  .trim()
  .min(1, 'The connection needs a name.')
  .max(100, 'The name is longer than 100 characters.')

const draftSchema = z.strictObject({
  name: named,
  kind: z.string({ error: `kind must be one of ${connectionKinds.join(', ')}.` }),
  settings: z.record(z.string(), z.unknown(), { error: 'settings must be an object.' }).default({}),
  /** null takes one away; one that is not named stays. */
  secrets: z
    .record(
      z.string(),
      z.string().min(1, 'An empty secret is none: write null to take it away.').nullable(),
      {
        error: 'secrets must be an object.',
      },
    )
    .default({}),
  allowedEnvironments: z
    .array(z.string(), { error: 'allowedEnvironments must be a list of environments; empty = all.' })
    .max(1000)
    .default([]),
  enabled: z.boolean({ error: 'enabled must be true or false.' }).default(true),
})

/** Reads what a person wrote; with `before`, as a change of what there was: secrets that are not named stay, unless the host changes. */
export function readConnectionDraft(input: unknown, before?: ConnectionBefore): ReadDraft {
  const unstorable = unstorablePaths(input)
  if (unstorable.length > 0) return { problems: unstorable.map(unstorableProblem) }
  const parsed = draftSchema.safeParse(input)
  if (!parsed.success) return { problems: problemsOf(parsed.error) }
  const { kind: word, settings: written, secrets: given, ...rest } = parsed.data
  const kind = kindMeant(word)
  const definition = findConnectionDefinition(kind)
  if (!definition) return refusedKind(`kind must be one of ${connectionKinds.join(', ')}.`)
  if (before && before.kind !== kind)
    return refusedKind(`This connection is of the kind ${before.kind}, which cannot change: make a new one.`)
  const settings = definition.settings.safeParse(written)
  if (!settings.success) return { problems: problemsOf(settings.error, 'settings') }
  const problems = secretProblems(definition, given)
  if (problems.length > 0) return { problems }
  const { secrets, host, dropped } = secretsAfter(definition, settings.data, given, before)
  const missing = missingSecrets(definition, settings.data, secrets).filter((name) => !dropped.includes(name))
  if (missing.length > 0)
    return {
      problems: missing.map((name) => ({
        field: `secrets.${name}`,
        problem: `${labelOf(definition, name)} is missing: enter it.`,
      })),
    }
  return {
    draft: { ...rest, kind: definition.kind, settings: settings.data, secrets, host: host ?? null, dropped },
  }
}

function unstorableProblem(path: readonly string[]): FieldProblem {
  return {
    field: path.join('.') || 'connection',
    problem: 'This text holds a NUL or half of a character: type it anew.',
  }
}

/** Names of what it cannot work without. */
export function missingSecrets(
  definition: ConnectionDefinition,
  settings: object,
  secrets: Secrets,
): string[] {
  const always = definition.secrets.filter(({ required }) => required).map(({ name }) => name)
  const needed = new Set([...always, ...(definition.secretsNeeded?.(settings) ?? [])])
  return [...needed].filter((name) => secrets[name] === undefined)
}

function secretsAfter(
  definition: ConnectionDefinition,
  settings: object,
  given: Readonly<Record<string, string | null>>,
  before: ConnectionBefore | undefined,
): { secrets: Secrets; host: string | undefined; dropped: readonly string[] } {
  const merged = present({ ...before?.secrets, ...given })
  const host = definition.hostOf(settings, merged)
  if (!before || (host ?? null) === before.host) return { secrets: merged, host, dropped: [] }
  const secrets = present(given)
  return { secrets, host, dropped: Object.keys(merged).filter((name) => !(name in secrets)) }
}

function present(secrets: Readonly<Record<string, string | null>>): Secrets {
  return Object.fromEntries(
    Object.entries(secrets).filter((entry): entry is [string, string] => entry[1] !== null),
  )
}

function secretProblems(
  { secrets: fields }: ConnectionDefinition,
  given: Readonly<Record<string, string | null>>,
): FieldProblem[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const field = fields.find((one) => one.name === name)
    const known = `There are: ${fields.map((one) => one.name).join(', ')}.`
    const problem = field
      ? value !== null && field.problem?.(value)
      : `No secret of this kind is called that. ${known}`
    return problem ? [{ field: `secrets.${name}`, problem }] : []
  })
}

function labelOf({ secrets }: ConnectionDefinition, name: string): string {
  return secrets.find((field) => field.name === name)?.label ?? name
}

function refusedKind(problem: string): ReadDraft {
  return { problems: [{ field: 'kind', problem }] }
}

function problemsOf(error: z.ZodError, ...above: readonly string[]): FieldProblem[] {
  return error.issues.map((issue) => ({
    field: [...above, ...issue.path].map(String).join('.') || 'connection',
    problem:
      issue.code === 'unrecognized_keys'
        ? `Unknown ${issue.keys.join(', ')}: check the spelling or leave it out.`
        : issue.message,
  }))
}
