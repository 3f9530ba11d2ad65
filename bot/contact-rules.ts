import { randomUUID } from 'node:crypto'
import { loadContact } from '#db/repositories/contact-directory.ts'
import { deleteRules, listRules, putRules } from '#db/repositories/notification-rules.ts'
import type { Answer } from '#engine/command/answer.ts'
import { quoted } from '#engine/command/quoting.ts'
import type { Reading } from '#engine/directory/reading.ts'
import type { Line } from '#engine/message/message.ts'
import type { RuleDraft } from '#engine/route/read-rule.ts'
import { implicitRuleEnd } from '#engine/route/rules.ts'
import type { Desk } from './desk.ts'
import { changedContact, notKept } from './changed-contact.ts'

export async function addRule(desk: Desk, contactId: string, reading: Reading<RuleDraft>): Promise<Answer> {
  if (reading.kind === 'refused') return notKept('This rule', reading.problems)
  const rule = reading.value
  await putRules(desk.db, contactId, [{ id: randomUUID(), rule }])
  const { media } = await loadContact(desk.db, contactId)
  const named = new Set(Object.values(rule.media).flat())
  const missing = [...named].filter((name) => !Object.hasOwn(media, name))
  return changedContact(desk, contactId, {
    headline: `Rule saved for ${contactId}`,
    notes: missing.map((name) => missingMedium(contactId, name)),
  })
}

function missingMedium(contactId: string, name: string): Line {
  return [
    `${contactId} has no ${name} yet: `,
    { code: `contact ${quoted(contactId)} media ${name} <address>` },
    '.',
  ]
}

/** By its id or the beginning of one. */
export async function removeRule(desk: Desk, contactId: string, wanted: string): Promise<Answer> {
  const contact = await loadContact(desk.db, contactId)
  if (wanted.endsWith(implicitRuleEnd) && !contact.hasGeneralRule) return implicitStays(contactId)
  const rules = await listRules(desk.db, { contactId })
  const exact = rules.filter(({ id }) => id === wanted)
  const [found, another] = exact.length > 0 ? exact : rules.filter(({ id }) => id.startsWith(wanted))
  const shown = wanted.slice(0, 40)
  if (!found) {
    const because = `${contactId} has no rule whose id begins with ${shown}. See contact ${quoted(contactId)}.`
    return { kind: 'refused', because }
  }
  if (another) return { kind: 'refused', because: `More than one id begins with ${shown}: give more of it.` }
  await deleteRules(desk.db, [found.id])
  return changedContact(desk, contactId, { headline: `Rule removed from ${contactId}` })
}

function implicitStays(contactId: string): Answer {
  const name = quoted(contactId)
  const because = `${contactId} has this rule as long as it has no other one for everything. Make one instead: contact ${name} rule critical email, or contact ${name} rule critical nothing.`
  return { kind: 'refused', because }
}
