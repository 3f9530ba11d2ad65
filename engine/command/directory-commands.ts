import type { ContactChange } from './command.ts'
import { type CommandDescription, plain } from './description.ts'

export const contactId = plain('id', 'of a contact, as contacts shows it', true)

/** Who hears of what outside of the chat, and how that is changed. */
export const directoryCommands: Record<'entity' | ContactChange['name'], CommandDescription> = {
  entity: {
    words: ['entity'],
    infix: [],
    arguments: [plain('entity', 'such as db-1', true)],
    about: 'Show the checks of an entity and who hears of it; the REST API renames and tags it',
    needs: 'VIEWER',
    examples: ['entity db-1'],
  },
  'contact-add': {
    words: ['contact', 'add'],
    infix: [],
    arguments: [
      plain('id', 'a short name such as ada', true),
      plain('details', 'such as name Ada Lovelace zone Europe/London', false),
    ],
    about: 'Keep somebody who can be reached outside of the chat',
    needs: 'OPERATOR',
    examples: ['contact add ada', 'contact add ada name Ada Lovelace zone Europe/London'],
  },
  'contact-remove': {
    words: ['contact', 'remove'],
    infix: [],
    arguments: [contactId, plain('sure', 'the word sure; without it you are asked', false)],
    about: 'Remove a contact with its media, rules and links',
    needs: 'OPERATOR',
    examples: ['contact remove ada', 'contact remove ada sure'],
  },
  'contact-media': {
    words: ['contact'],
    infix: ['media'],
    arguments: [
      contactId,
      plain('type', 'email, sms, slack and so on', true),
      plain('address', 'where to, then every 5m or summary from 3 if wanted; or off', true),
    ],
    about: 'Say how a contact is reached; off takes a medium away',
    needs: 'OPERATOR',
    examples: [
      'contact ada media email ada@example.com',
      'contact ada media sms +491701234567 every 5m summary from 3',
      'contact ada media sms off',
    ],
  },
  'contact-hears': {
    words: ['contact'],
    infix: ['hears'],
    arguments: [contactId, plain('subject', 'an entity (db-1), a check (db-1:disk) or everything', true)],
    about: 'Let a contact hear of something',
    needs: 'OPERATOR',
    examples: ['contact ada hears db-1', 'contact ada hears db-1:disk', 'contact ada hears everything'],
  },
  'contact-hears-no-more': {
    words: ['contact'],
    infix: ['no', 'longer', 'hears'],
    arguments: [contactId, plain('subject', 'as contact shows it', true)],
    about: 'Take away what a contact hears of',
    needs: 'OPERATOR',
    examples: ['contact ada no longer hears db-1', 'contact ada no longer hears everything'],
  },
  'contact-rule': {
    words: ['contact'],
    infix: ['rule'],
    arguments: [
      contactId,
      plain('rule', 'such as for db-1 critical email,sms hours mon-fri 8-18; by form without', false),
    ],
    about: 'Say by which media a contact hears of what, and when: by form, or in one line',
    needs: 'OPERATOR',
    examples: [
      'contact ada rule',
      'contact ada rule for db-1,/^web-/ tags shop critical email,sms warning email',
      'contact ada rule critical email,sms warning nothing hours mon-fri 8-18; sat 10:00-14:00',
    ],
  },
  'contact-rule-remove': {
    words: ['contact'],
    infix: ['rule', 'remove'],
    arguments: [contactId, plain('rule', 'the id of a rule, as contact shows it, or its beginning', true)],
    about: 'Remove a rule of a contact',
    needs: 'OPERATOR',
    examples: ['contact ada rule remove 3f2a9c1b'],
  },
}
