import { randomUUID } from 'node:crypto'
import { findDraft, type FormDraft, moveDraft, saveDraft, takeDraft } from '#db/repositories/form-drafts.ts'
import type { FormSubject } from '#db/schema/people.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Command } from '#engine/command/command.ts'
import type { Person } from '#engine/person.ts'
import { makeStorable } from '#engine/storable-text.ts'
import type { FormValues } from '#engine/view/form.ts'
import type { Desk } from './desk.ts'
import { asAnswer } from './as-answer.ts'
import { noted } from './audit/noted.ts'
import { contactRuleForm } from './contact-rule-form.ts'
import type { Draft, FormFlow } from './form-flow.ts'
import { ruleForm } from './rule-form.ts'
import { silenceForm } from './silence-form.ts'
import { silenceWhereForm } from './silence-where-form.ts'

const flows: { readonly [F in FormSubject['form']]: FormFlow } = {
  'rule-create': ruleForm,
  silence: silenceForm,
  'silence-where': silenceWhereForm,
  'contact-rule': contactRuleForm,
}

const gone =
  'That form is no longer open: it was sent already, it has expired, or it belongs to someone else. Please begin again.'

export async function beginForm(desk: Desk, subject: FormSubject, person: Person): Promise<Answer> {
  const draft: Draft = { id: randomUUID(), subject, step: 1, values: {} }
  await saveDraft(desk.db, { ...draft, personId: person.id }, desk.clock())
  return flows[subject.form].show(desk, draft)
}

export async function reopenForm(desk: Desk, id: string, person: Person): Promise<Answer> {
  const draft = await findOwnDraft(desk, id, person)
  if (!draft) return { kind: 'refused', because: gone }
  return asAnswer(() => flows[draft.subject.form].show(desk, draft))
}

export async function submitForm(
  desk: Desk,
  id: string,
  values: FormValues,
  person: Person,
): Promise<Answer> {
  const known = await findOwnDraft(desk, id, person)
  if (!known) return { kind: 'refused', because: gone }
  // The role may have changed since the form was opened.
  const command = commandOf(known.subject)
  const draft = { ...known, values: { ...known.values, ...storable(values) } }
  return noted(desk, { command, person }, () => sendForm(desk, draft, person))
}

async function sendForm(desk: Desk, draft: FormDraft, person: Person): Promise<Answer> {
  return asAnswer(async () => {
    const sent = await flows[draft.subject.form].send(desk, draft, person)
    if (sent.kind === 'finish') return finishOnce(desk, draft, sent.finish)
    const next = { ...draft, step: sent.step }
    if (!(await moveDraft(desk.db, next, desk.clock()))) return { kind: 'refused', because: gone }
    return sent.answer(desk, next)
  })
}

function commandOf(subject: FormSubject): Command {
  switch (subject.form) {
    case 'silence':
      return { name: 'silence', number: subject.number }
    case 'contact-rule':
      return { name: 'contact-rule', id: subject.contactId }
    default:
      return { name: subject.form }
  }
}

/** Taken before it is carried out, so that a form sent twice is carried out once; put back where that failed. */
async function finishOnce(desk: Desk, draft: FormDraft, finish: () => Promise<Answer>): Promise<Answer> {
  if (!(await takeDraft(desk.db, draft.id))) return { kind: 'refused', because: gone }
  try {
    return await finish()
  } catch (error) {
    await saveDraft(desk.db, draft, desk.clock()).catch(() =>
      desk.log.warn('a form that failed could not be kept'),
    )
    throw error
  }
}

function storable(values: FormValues): FormValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [makeStorable(name), makeStorable(value)]),
  )
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

async function findOwnDraft(desk: Desk, id: string, person: Person): Promise<FormDraft | undefined> {
  return uuid.test(id) ? findDraft(desk.db, id, person.id, desk.clock()) : undefined
}
