import { z } from 'zod'
import { openZone } from '#engine/route/wall-clock.ts'
import { idSchema, optionalText, type Reading, readWith } from './reading.ts'

/*
 * A contact as Flapjack's JSON API takes it; keys that are not known are left unread, as there:
 *
 *   { "id": "21", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "timezone": "Europe/London" }
 */

export interface ContactProfile {
  readonly firstName: string | null
  readonly lastName: string | null
  readonly email: string | null
  /** An IANA zone; null = the house's own. */
  readonly timezone: string | null
}

export interface ContactDraft extends ContactProfile {
  readonly id: string | undefined
}

const profileFields = {
  first_name: optionalText(200),
  last_name: optionalText(200),
  email: optionalText(320),
  timezone: optionalText(100).refine(
    (zone) => zone === null || openZone(zone) !== undefined,
    'must be a time zone such as Europe/Berlin; leave it out for the zone of the house.',
  ),
}

const profileNames = {
  first_name: 'firstName',
  last_name: 'lastName',
  email: 'email',
  timezone: 'timezone',
} as const satisfies Record<keyof typeof profileFields, keyof ContactProfile>

const draftSchema = z
  .object(
    { ...profileFields, id: idSchema.nullish() },
    'must be an object with what is known of the contact.',
  )
  .transform(({ first_name, last_name, email, timezone, id }): ContactDraft => ({
    id: id ?? undefined,
    firstName: first_name,
    lastName: last_name,
    email,
    timezone,
  }))

export function readContact(value: unknown): Reading<ContactDraft> {
  return readWith(draftSchema, value)
}

export interface EntityLinks {
  readonly addEntities: readonly string[]
  readonly removeEntities: readonly string[]
}

const entityIds = z
  .array(idSchema, 'must be a list of ids of entities.')
  .nullish()
  .transform((ids) => ids ?? [])

const linksSchema = z
  .object({ add_entities: entityIds, remove_entities: entityIds })
  .transform(({ add_entities, remove_entities }): EntityLinks => ({
    addEntities: add_entities,
    removeEntities: remove_entities,
  }))

/** Which entities a contact hears of besides, and of which no more. */
export function readEntityLinks(value: unknown): Reading<EntityLinks> {
  return readWith(linksSchema, value)
}

/** What changes of a contact: only those named. */
export function readProfileChange(
  changes: Readonly<Record<string, unknown>>,
): Reading<Partial<ContactProfile>> {
  const named = Object.keys(profileNames).filter((name) => Object.hasOwn(changes, name))
  const reading = readWith(z.object(profileFields), changes)
  if (reading.kind === 'refused') return reading
  const { value } = reading
  return {
    kind: 'read',
    value: Object.fromEntries(named.filter(isProfileField).map((name) => [profileNames[name], value[name]])),
  }
}

function isProfileField(name: string): name is keyof typeof profileFields {
  return Object.hasOwn(profileFields, name)
}
