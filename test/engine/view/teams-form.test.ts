import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Field, Form } from '#engine/view/form.ts'
import { renderTeamsForm } from '#engine/view/teams-form.ts'
import { elements, teamsCardProblems, teamsLimits } from '#test/harness/teams-limits.ts'

const form: Form = {
  id: 'draft-1',
  title: 'Create a rule',
  step: 2,
  steps: 3,
  intro: [['What should it watch?']],
  fields: [
    {
      kind: 'choice',
      name: 'kind',
      label: 'Kind',
      required: true,
      value: 'LOG_PATTERN',
      options: [
        { value: 'ROUTE_METRIC', label: 'A route’s numbers', hint: 'errors, latency' },
        { value: 'LOG_PATTERN', label: 'A pattern in the log' },
      ],
    },
    {
      kind: 'text',
      name: 'pattern',
      label: 'Pattern',
      hint: 'Such as *timeout*',
      required: true,
      maxLength: 200,
    },
    {
      kind: 'text',
      name: 'note',
      label: 'Note',
      required: false,
      multiline: true,
      value: 'a\nb {{rule.name}}',
    },
  ],
  submitLabel: 'Next',
}

function input(card: unknown, id: string) {
  return elements(card).find((element) => element['id'] === id)
}

describe('a form as the card of a dialog', () => {
  const card = renderTeamsForm(form)

  it('passes the limits and Microsoft’s parser', () => {
    expect(teamsCardProblems(card)).toEqual([])
  })

  it('sends back which form and which step it is', () => {
    expect(card.actions).toMatchObject([{ title: 'Next', data: { tocsin: { form: 'draft-1', step: 2 } } }])
  })

  it('keeps what was chosen and what was typed, line breaks and braces included', () => {
    expect(input(card, 'kind')).toMatchObject({ type: 'Input.ChoiceSet', value: 'LOG_PATTERN' })
    expect(input(card, 'note')).toMatchObject({ isMultiline: true, value: 'a\nb {{rule.name}}' })
  })

  it('asks for what is needed before anything is sent', () => {
    expect(input(card, 'pattern')).toMatchObject({
      isRequired: true,
      errorMessage: 'Pattern is needed',
      maxLength: 200,
    })
    expect(input(card, 'note')).not.toHaveProperty('isRequired')
  })

  it('says what is wrong right below the field, and above all fields what is wrong with the step', () => {
    const [kind, pattern, note] = form.fields as [Field, Field, Field]
    const wrong = {
      ...form,
      error: 'The store is down',
      fields: [kind, { ...pattern, error: 'Not a pattern' }, note],
    }
    const { body } = renderTeamsForm(wrong)
    const attention = body.filter((element) => element['color'] === 'Attention').map(({ text }) => text)
    expect(attention).toEqual(['The store is down', 'Not a pattern'])
    const at = body.findIndex((element) => element['id'] === 'pattern')
    expect(body.slice(at, at + 3).some((element) => element['text'] === 'Not a pattern')).toBe(true)
  })

  it('drops a choice that is not one of the options', () => {
    const [kind] = form.fields as [Field]
    expect(
      input(renderTeamsForm({ ...form, fields: [{ ...kind, value: 'GONE' }] }), 'kind'),
    ).not.toHaveProperty('value')
  })

  it('never makes a card that Teams would refuse', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('x'.repeat(10_000), '🔥'.repeat(5000), '\uD800', '{{DATE(2026-01-01T00:00:00Z)}}'),
    )
    const field = fc.record({ label: text.map((words) => `x${words}`), hint: text, value: text, error: text })
    fc.assert(
      fc.property(text, fc.array(field, { maxLength: 5 }), (words, hostile) => {
        const fields = hostile.map((one, at): Field => ({
          kind: 'text',
          name: `f${at}`,
          required: true,
          ...one,
        }))
        const card = renderTeamsForm({ ...form, title: words, intro: [[words]], error: words, fields })
        expect(teamsCardProblems(card, teamsLimits.dialogBytes)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})
