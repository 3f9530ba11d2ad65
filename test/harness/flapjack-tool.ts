import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import { contactAlerts } from '#db/schema/contact-alerts.ts'
import { contacts } from '#db/schema/contacts.ts'
import { entities } from '#db/schema/entities.ts'
import { forgetAlerts } from './database.ts'
import type { Reply } from './send.ts'
import type { ServedHouse } from './served-house.ts'

export const ada = {
  id: '21',
  first_name: 'Ada',
  last_name: 'Lovelace',
  email: 'ada@example.com',
  timezone: 'UTC',
}
export const bob = { id: '22', first_name: 'Bob', last_name: 'Smith', email: 'bob@example.com' }

/** A tool that speaks Flapjack's JSON API, pointed at the house instead. */
export interface FlapjackTool {
  post(path: string, body: unknown): Promise<Reply>
  patch(path: string, operations: unknown): Promise<Reply>
  get(path: string): Promise<Reply>
  remove(path: string): Promise<Reply>
  /** Two contacts with their media, rules and entities: 21 hears of web-11 in `shop`, 22 of all about db-1. */
  provision(): Promise<void>
  listRules(contact: string): Promise<ListedRule[]>
  /** An event, taken in before this returns. */
  push(entity: string, check: string, state: string, parts?: object): Promise<void>
  /** Who was told by which medium of what, by contact. */
  paged(): Promise<string[]>
  forget(): Promise<void>
}

interface ListedRule {
  readonly id: string
  readonly tags: readonly string[]
}

export function flapjackTool(house: ServedHouse): FlapjackTool {
  const { db } = house.memory
  const post = (path: string, body: unknown) =>
    house.post(`/flapjack${path}`, body, 'application/vnd.api+json')
  const get = (path: string) => house.get(`/flapjack${path}`)
  return {
    post,
    get,
    patch: (path, operations) => house.patch(`/flapjack${path}`, operations, 'application/json-patch+json'),
    remove: (path) => house.remove(`/flapjack${path}`),
    provision: () => provision(post),
    listRules: async (contact) => {
      const { body } = await get('/notification_rules')
      const { notification_rules: rules } = body as {
        notification_rules: (ListedRule & { links: { contacts: string[] } })[]
      }
      return rules.filter(({ links }) => links.contacts.includes(contact))
    },
    push: async (entity, check, state, parts = {}) => {
      const event = { type: 'service', entity, check, state, initial_failure_delay: 0, ...parts }
      expect((await house.post('/api/v1/events', event)).status).toBe(200)
      await house.settled()
    },
    paged: async () => {
      const rows = await db
        .select()
        .from(contactAlerts)
        .orderBy(contactAlerts.contactId, contactAlerts.createdAt)
      return rows.map(({ contactId, medium, notification }) => `${contactId} ${medium} ${notification.type}`)
    },
    forget: async () => {
      // What is still being said about the test before would stand in the way of emptying its tables.
      await house.settled()
      await forgetAlerts(db)
      await db.execute(sql`truncate ${contacts}, ${entities} cascade`)
    },
  }
}

async function provision(post: FlapjackTool['post']): Promise<void> {
  expect((await post('/contacts', { contacts: [ada, bob] })).status).toBe(201)
  const media = [
    { type: 'email', address: 'ada@example.com', interval: '300', rollup_threshold: 5 },
    { type: 'sms', address: '+61400000000', interval: 600, rollup_threshold: null },
  ]
  expect((await post('/contacts/21/media', { media })).body).toEqual(['21_email', '21_sms'])
  const email = { type: 'email', address: 'bob@example.com', interval: 300 }
  expect((await post('/contacts/22/media', { media: [email] })).status).toBe(201)
  const rules = [
    { warning_media: [], critical_media: [] },
    { tags: ['shop'], critical_media: ['sms'], warning_media: ['email'] },
  ]
  expect((await post('/contacts/21/notification_rules', { notification_rules: rules })).status).toBe(201)
  const named = [
    { id: '825', name: 'web-11.example.com', contacts: ['21'], tags: ['rack-7'] },
    { id: '826', name: 'db-1.example.com', contacts: ['22'] },
  ]
  expect((await post('/entities', { entities: named })).status).toBe(201)
}
