import { assert as check, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { message } from '#engine/message/message.ts'
import type { Form } from '#engine/view/form.ts'
import {
  readSlackForm,
  renderSlackForm,
  renderSlackNotice,
  slackFieldErrors,
} from '#engine/view/slack-form.ts'
import { hostileText, hostileTexts } from '#test/harness/slack-hostile-text.ts'
import { slackComplaints } from '#test/harness/slack-limits.ts'

const form: Form = {
  id: 'draft-1',
  title: 'Create a rule',
  step: 1,
  steps: 3,
  intro: [['What shall I watch?']],
  fields: [
    {
      kind: 'text',
      name: 'name',
      label: 'Name',
      required: true,
      value: 'Orders',
      maxLength: 80,
      hint: 'Short',
    },
    {
      kind: 'choice',
      name: 'kind',
      label: 'Kind',
      required: true,
      value: 'LOG_PATTERN',
      options: [
        { value: 'ROUTE_METRIC', label: 'Route metric', hint: 'numbers' },
        { value: 'LOG_PATTERN', label: 'Log pattern' },
      ],
    },
    { kind: 'text', name: 'note', label: 'Note', required: false, multiline: true, placeholder: 'Anything' },
  ],
  submitLabel: 'Next',
}

describe('a form as a Slack modal', () => {
  test('asks for the fields of the step, with what is known already filled in', () => {
    expect(renderSlackForm(form)).toEqual({
      type: 'modal',
      callback_id: 'form',
      private_metadata: 'draft-1',
      title: plain('Create a rule'),
      submit: plain('Next'),
      close: plain('Cancel'),
      blocks: [
        { type: 'context', elements: [mrkdwn('Step 1 of 3')] },
        { type: 'section', text: mrkdwn('What shall I watch?') },
        {
          type: 'input',
          block_id: 'name',
          optional: false,
          label: plain('Name'),
          hint: plain('Short'),
          element: {
            type: 'plain_text_input',
            action_id: 'name-1',
            multiline: false,
            max_length: 80,
            initial_value: 'Orders',
          },
        },
        {
          type: 'input',
          block_id: 'kind',
          optional: false,
          label: plain('Kind'),
          element: {
            type: 'static_select',
            action_id: 'kind-1',
            options: [
              { value: 'ROUTE_METRIC', text: plain('Route metric'), description: plain('numbers') },
              { value: 'LOG_PATTERN', text: plain('Log pattern') },
            ],
            initial_option: { value: 'LOG_PATTERN', text: plain('Log pattern') },
          },
        },
        {
          type: 'input',
          block_id: 'note',
          optional: true,
          label: plain('Note'),
          element: {
            type: 'plain_text_input',
            action_id: 'note-1',
            multiline: true,
            max_length: 3000,
            placeholder: plain('Anything'),
          },
        },
      ],
    })
  })

  test('keeps steps apart, so that nothing typed in one shows up in the next', () => {
    const ids = (step: number) =>
      JSON.stringify(renderSlackForm({ ...form, step })).match(/"action_id":"[^"]+"/gu)
    expect(ids(1)).not.toEqual(ids(2))
  })

  test('names the errors of fields by field, as Slack wants them', () => {
    const [name, ...others] = form.fields
    const wrong = { ...form, fields: [{ ...name!, error: 'This name is taken.' }, ...others] }
    expect(slackFieldErrors(wrong)).toEqual({ name: 'This name is taken.' })
    expect(JSON.stringify(renderSlackForm(wrong))).toContain('This name is taken.')
  })

  test('is drawn anew when the step as a whole is wrong, because Slack has no place for that', () => {
    const wrong = { ...form, error: 'The store did not answer.' }
    expect(slackFieldErrors(wrong)).toBeUndefined()
    expect(renderSlackForm(wrong).blocks[0]).toEqual({
      type: 'section',
      text: mrkdwn('⚠️ *The store did not answer.*'),
    })
    expect(slackFieldErrors(form)).toBeUndefined()
  })

  test('a preview without fields is a modal with a button and nothing to fill in', () => {
    const preview = renderSlackForm({ ...form, fields: [], submitLabel: 'Save' })
    expect(slackComplaints('modal', preview)).toEqual([])
    expect(preview.submit).toEqual(plain('Save'))
  })
})

describe('what comes back from a modal', () => {
  test('is text by field name, and an empty text where nothing was filled in', () => {
    expect(
      readSlackForm({
        name: { 'name-1': { value: 'Orders' } },
        kind: { 'kind-1': { selected_option: { value: 'LOG_PATTERN' } } },
        note: { 'note-1': { value: null } },
        other: { 'other-1': { selected_option: null } },
        odd: {},
      }),
    ).toEqual({ name: 'Orders', kind: 'LOG_PATTERN', note: '', other: '', odd: '' })
  })
})

describe('whatever is asked, Slack takes it', () => {
  test.each(hostileTexts)('hostile text %#', (text) => expect(complaints(text)).toEqual([]))

  test('any text', () => {
    check(
      property(hostileText, (text) => {
        expect(complaints(text)).toEqual([])
      }),
    )
  })
})

function complaints(text: string): string[] {
  const base = { label: text, hint: text, error: text, required: true, value: text }
  const everywhere: Form = {
    id: 'draft-1',
    title: text,
    step: 2,
    steps: 3,
    intro: [[text], [{ strong: text }]],
    error: text,
    submitLabel: text,
    fields: [
      { ...base, kind: 'text', name: 'a', placeholder: text || 'x' },
      { ...base, kind: 'text', name: 'b', maxLength: 10_000, multiline: true },
      {
        ...base,
        kind: 'choice',
        name: 'c',
        options: ['x', 'y'].map((value) => ({ value, label: text, hint: text })),
      },
    ],
  }
  return [
    ...slackComplaints('modal', renderSlackForm(everywhere)),
    ...slackComplaints('modal', renderSlackNotice(text, message({ headline: text, lines: [[text]] }))),
  ]
}

function mrkdwn(text: string) {
  return { type: 'mrkdwn', text, verbatim: true }
}

function plain(text: string) {
  return { type: 'plain_text', text }
}
