import { z } from 'zod'
import { idSchema, type Reading, readWith, tagsSchema, text } from './reading.ts'

/*
 * An entity and a check as Flapjack's JSON API takes them:
 *
 *   { "id": "825", "name": "web-11.example.com", "tags": ["shop"], "contacts": ["21"] }
 *   { "entity_id": "825", "name": "HTTP Port 80", "tags": ["public"] }
 */

export interface EntityDraft {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  /** Ids of those who hear of it; they take the place of all that did before. */
  readonly contacts: readonly string[]
}

export interface CheckDraft {
  readonly entityId: string
  readonly name: string
  readonly tags: readonly string[]
}

/** Entity and check make the key of an indexed row. */
const longestName = 400

export const entityName = text(longestName).refine(
  (name) => name.trim() !== '' && !name.includes(':'),
  'must be a name without colons: what follows the first one is the check.',
)

export const checkName = text(longestName).refine(
  (name) => name.trim() !== '',
  'must be the name of the check.',
)

const entitySchema = z
  .object(
    {
      id: idSchema,
      name: entityName,
      tags: tagsSchema,
      contacts: z.array(idSchema, 'must be a list of ids of contacts.').nullish(),
    },
    'must be an object with id and name.',
  )
  .transform((entity): EntityDraft => ({ ...entity, contacts: [...new Set(entity.contacts)] }))

export function readEntity(value: unknown): Reading<EntityDraft> {
  return readWith(entitySchema, value)
}

export interface EntityChangeDraft {
  readonly name: string | undefined
  readonly addTags: readonly string[]
  readonly removeTags: readonly string[]
  readonly addContacts: readonly string[]
  readonly removeContacts: readonly string[]
}

const contactIds = z
  .array(idSchema, 'must be a list of ids of contacts.')
  .nullish()
  .transform((ids) => ids ?? [])

const entityChangeSchema = z
  .object({
    name: entityName.optional(),
    add_tags: tagsSchema,
    remove_tags: tagsSchema,
    add_contacts: contactIds,
    remove_contacts: contactIds,
  })
  .transform((change): EntityChangeDraft => ({
    name: change.name,
    addTags: change.add_tags,
    removeTags: change.remove_tags,
    addContacts: change.add_contacts,
    removeContacts: change.remove_contacts,
  }))

/** What changes of an entity: only what is named. */
export function readEntityChange(value: unknown): Reading<EntityChangeDraft> {
  return readWith(entityChangeSchema, value)
}

const checkSchema = z
  .object(
    {
      entity_id: idSchema,
      name: checkName,
      tags: tagsSchema,
    },
    'must be an object with entity_id and name.',
  )
  .transform(({ entity_id, name, tags }): CheckDraft => ({ entityId: entity_id, name, tags }))

export function readCheck(value: unknown): Reading<CheckDraft> {
  return readWith(checkSchema, value)
}
