import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { needsPage, renderDiscordForm, renderDiscordPage } from '#engine/view/discord-form.ts'
import type { Field, Form } from '#engine/view/form.ts'
import { complaintsAboutMessage, complaintsAboutModal } from '#test/harness/discord-limits.ts'

const name: Field = {
  kind: 'text',
  name: 'name',
  label: 'Name',
  required: true,
  placeholder: 'Slow orders',
  value: 'Old',
}
const kind: Field = {
  kind: 'choice',
  name: 'kind',
  label: 'Kind',
  hint: 'What to watch',
  required: true,
  value: 'LOG_PATTERN',
  options: [
    { value: 'ROUTE_METRIC', label: 'A route', hint: 'latency, errors' },
    { value: 'LOG_PATTERN', label: 'Log lines' },
  ],
}
const form: Form = {
  id: 'draft-1',
  title: 'Create a rule',
  step: 1,
  steps: 3,
  submitLabel: 'Next',
  intro: [['Watch something ', { strong: 'new' }]],
  fields: [name, kind],
}

describe('a form on Discord', () => {
  test('is a modal with a label around every field and the values it had', () => {
    expect(renderDiscordForm(form, 'form')).toEqual({
      custom_id: 'form draft-1',
      title: 'Create a rule (1 of 3)',
      components: [
        { type: 10, content: 'Watch something **new**' },
        {
          type: 18,
          label: 'Name',
          component: {
            type: 4,
            custom_id: 'name',
            style: 1,
            required: true,
            max_length: 4000,
            placeholder: 'Slow orders',
            value: 'Old',
          },
        },
        {
          type: 18,
          label: 'Kind',
          description: 'What to watch',
          component: {
            type: 3,
            custom_id: 'kind',
            required: true,
            options: [
              { value: 'ROUTE_METRIC', label: 'A route', description: 'latency, errors' },
              { value: 'LOG_PATTERN', label: 'Log lines', default: true },
            ],
          },
        },
      ],
    })
  })

  test('says what is wrong with a field right under it', () => {
    const faulty = renderDiscordForm(
      { ...form, fields: [{ ...name, error: 'There is one already.' }] },
      'page',
    )
    expect(faulty.components[1]).toMatchObject({ label: 'Name', description: 'There is one already.' })
  })

  test('gives its five places to the fields and says the intro under the first of them', () => {
    const full = { ...form, fields: Array.from({ length: 5 }, (_, at) => ({ ...name, name: `field-${at}` })) }
    const { components } = renderDiscordForm(full, 'form')
    expect(components.map(({ type }) => type)).toEqual([18, 18, 18, 18, 18])
    expect(components[0]).toMatchObject({ label: 'Name', description: 'Watch something new' })
    expect(components[1]).not.toHaveProperty('description')
  })

  test('says on a page what a modal has no place for', () => {
    const picture = { from: '2026-11-21T03:00:00Z', stepSeconds: 60, values: [1, 2], threshold: 3 } as const
    const drawn = { ...form, picture: { ...picture, unit: 'count', breachesAbove: true, marks: [] } as const }
    const full = {
      ...drawn,
      fields: Array.from({ length: 5 }, (_, at) => ({ ...name, name: `field-${at}` })),
    }
    expect([form, drawn, full, { ...form, fields: [] }].map(needsPage)).toEqual([false, false, true, true])
    expect(renderDiscordForm(drawn, 'form').components[0]).toMatchObject({
      content: expect.stringContaining('threshold 3'),
    })
    expect(renderDiscordPage(full).embeds[0]?.description).toContain('threshold 3')
  })

  test('lists every error on the page that offers to try again', () => {
    const faulty = {
      ...form,
      error: 'Nothing would match.',
      fields: [{ ...name, error: 'Too short.' }, kind],
    }
    const page = renderDiscordPage(faulty)
    expect(needsPage(faulty)).toBe(true)
    expect(page.embeds[0]?.description).toBe(
      'Nothing would match.\n**Name**: Too short.\nWatch something **new**',
    )
    expect(page.components[0]?.components).toEqual([
      { type: 2, style: 1, label: 'Try again', custom_id: 'open draft-1' },
    ])
  })

  test('goes on to the next fields, or hands in a step that has none', () => {
    expect(renderDiscordPage(form).components[0]?.components[0]).toMatchObject({
      label: 'Continue',
      custom_id: 'open draft-1',
    })
    const preview = renderDiscordPage({ ...form, fields: [], submitLabel: 'Save' })
    expect(preview.components[0]?.components[0]).toMatchObject({ label: 'Save', custom_id: 'send draft-1' })
  })

  test('keeps every limit with any text in it', () => {
    fc.assert(
      fc.property(anyForm(), (any) => {
        if (any.fields.length > 0) expect(complaintsAboutModal(renderDiscordForm(any, 'form'))).toEqual([])
        expect(complaintsAboutMessage(renderDiscordPage(any))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

function anyForm(): fc.Arbitrary<Form> {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('@everyone', '*'.repeat(10_000), '👩‍👧'.repeat(3000), '\0', '\ud800', ' ', 'שלום \u202e'),
  )
  const base = { label: text, hint: text, required: fc.boolean(), value: text, error: text }
  const option = fc.record({ value: fc.uuid(), label: text, hint: text })
  const field = fc.oneof(
    fc.record({
      kind: fc.constant('text' as const),
      placeholder: text,
      maxLength: fc.integer({ min: 1, max: 9000 }),
      ...base,
    }),
    fc.record({
      kind: fc.constant('choice' as const),
      options: fc.uniqueArray(option, { minLength: 2, maxLength: 25, selector: ({ value }) => value }),
      ...base,
    }),
  )
  const fields = fc
    .array(field, { maxLength: 5 })
    .map((all): Field[] => all.map((one, at) => ({ ...one, name: `field-${at}` })))
  return fc.record({
    id: fc.uuid(),
    title: text,
    submitLabel: text,
    error: text,
    fields,
    step: fc.constant(1),
    steps: fc.constant(3),
    intro: fc.array(fc.array(text, { maxLength: 3 }), { maxLength: 4 }),
  })
}
