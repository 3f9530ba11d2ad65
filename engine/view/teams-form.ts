import { adaptiveCard, textBlock } from '#engine/message/adaptive-card.ts'
import type { AdaptiveCard, CardElement } from '#engine/message/adaptive-card.ts'
import { sparkline } from '#engine/message/sparkline.ts'
import { cutText, plainWords, printable, teamsLine, teamsText } from '#engine/message/teams-text.ts'
import type { ChoiceField, Field, Form, TextField } from './form.ts'

/** What the submit button of a form's card sends back beside the fields, under the name `tocsin`. */
interface TeamsFormTicket {
  readonly form: string
  /** Tells two steps with the same values apart, so that a client's retry is not taken for the next step. */
  readonly step: number
}

/** A step of a form as the card inside a dialog; the dialog's frame carries the title. */
export function renderTeamsForm(form: Form): AdaptiveCard {
  const ticket: TeamsFormTicket = { form: form.id, step: form.step }
  return adaptiveCard({
    body: [
      ...(form.steps > 1 ? [hint(`Step ${form.step} of ${form.steps}`)] : []),
      ...form.intro.map((line) => textBlock(teamsLine(line, 500))),
      ...(form.picture
        ? [textBlock(teamsText(sparkline(form.picture), 300), { fontType: 'Monospace' })]
        : []),
      ...problem(form.error),
      ...form.fields.flatMap(drawField),
    ],
    actions: [
      {
        type: 'Action.Submit',
        title: plainWords(form.submitLabel, 24),
        style: 'positive',
        data: { tocsin: ticket },
      },
    ],
  })
}

function drawField(field: Field): CardElement[] {
  return [
    field.kind === 'text' ? drawText(field) : drawChoice(field),
    ...(field.hint ? [hint(teamsText(field.hint, 200))] : []),
    ...problem(field.error),
  ]
}

function frame(field: Field): Readonly<Record<string, unknown>> {
  const label = plainWords(field.label, 100)
  return {
    id: field.name,
    label,
    ...(field.required ? { isRequired: true, errorMessage: `${label} is needed` } : {}),
  }
}

function drawText(field: TextField): CardElement {
  const max = field.maxLength ?? 1000
  return {
    type: 'Input.Text',
    ...frame(field),
    maxLength: max,
    ...(field.multiline ? { isMultiline: true } : {}),
    ...(field.placeholder ? { placeholder: plainWords(field.placeholder, 100) } : {}),
    ...(field.value ? { value: cutText(printable(field.value), max) } : {}),
  }
}

function drawChoice(field: ChoiceField): CardElement {
  const known = field.options.some((option) => option.value === field.value)
  return {
    type: 'Input.ChoiceSet',
    ...frame(field),
    style: 'compact',
    choices: field.options.slice(0, 25).map(({ value, label, hint }) => ({
      value,
      title: plainWords(hint ? `${label} (${hint})` : label, 100),
    })),
    ...(known ? { value: field.value } : {}),
  }
}

function problem(error: string | undefined): CardElement[] {
  return error ? [textBlock(teamsText(error, 300), { color: 'Attention' })] : []
}

function hint(text: string): CardElement {
  return textBlock(text, { size: 'Small', isSubtle: true, spacing: 'None' })
}
