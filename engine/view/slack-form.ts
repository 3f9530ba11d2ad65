import { renderSlackHome, type SlackBlock, type SlackOption } from '#engine/message/slack.ts'
import { mrkdwn, plainText, type PlainText } from '#engine/message/slack-text.ts'
import { sparkline } from '#engine/message/sparkline.ts'
import type { Line, Message } from '#engine/message/message.ts'
import type { ChoiceField, Field, Form, FormValues, TextField } from './form.ts'

/** A Slack modal, https://docs.slack.dev/reference/views/modal-views */
export interface SlackModal {
  type: 'modal'
  callback_id: string
  private_metadata: string
  title: PlainText
  blocks: (SlackBlock | SlackInput)[]
  submit?: PlainText
  close: PlainText
}

interface SlackInput {
  type: 'input'
  block_id: string
  optional: boolean
  label: PlainText
  hint?: PlainText
  element: SlackTextInput | SlackChoice
}

interface SlackTextInput {
  type: 'plain_text_input'
  action_id: string
  multiline: boolean
  max_length: number
  initial_value?: string
  placeholder?: PlainText
}

interface SlackChoice {
  type: 'static_select'
  action_id: string
  options: SlackOption[]
  initial_option?: SlackOption
}

export const formCallbackId = 'form'
const noticeCallbackId = 'notice'
const longestTitle = 24
const longestText = 3000

/**
 * `private_metadata` is the form's id and nothing more: what a client sends back is not to be trusted.
 * Every field's `block_id` is its name, which is how Slack wants errors addressed.
 */
export function renderSlackForm(form: Form): SlackModal {
  return {
    type: 'modal',
    callback_id: formCallbackId,
    private_metadata: form.id,
    title: plainText(form.title, longestTitle),
    submit: plainText(form.submitLabel, longestTitle),
    close: plainText('Cancel', longestTitle),
    blocks: [
      ...(form.error === undefined ? [] : [section([['⚠️ ', { strong: form.error }]])]),
      ...(form.steps > 1 ? [context([`Step ${form.step} of ${form.steps}`])] : []),
      ...(form.intro.length > 0 ? [section(form.intro)] : []),
      ...(form.picture ? [section([[sparkline(form.picture)]])] : []),
      ...form.fields.flatMap((field) => fieldBlocks(field, form.step)),
    ],
  }
}

/** A modal that only says something: one moment, an answer, or why there is nothing to fill in. */
export function renderSlackNotice(title: string, message: Message): SlackModal {
  return {
    type: 'modal',
    callback_id: noticeCallbackId,
    private_metadata: '',
    title: plainText(title, longestTitle),
    close: plainText('Close', longestTitle),
    blocks: renderSlackHome(message).blocks,
  }
}

/**
 * The errors Slack can show beside the fields as they stand, keeping what was typed; undefined when the step has to
 * be drawn anew: nothing is wrong with a field, or something is wrong with the whole step.
 */
export function slackFieldErrors(form: Form): Record<string, string> | undefined {
  const wrong = form.fields.filter((field) => field.error !== undefined)
  if (wrong.length === 0 || form.error !== undefined) return undefined
  return Object.fromEntries(wrong.map(({ name, error = '' }) => [name, plainText(error, longestText).text]))
}

/** What Slack sends back for a modal: `state.values`, by block and action. */
export type SlackFormState = Readonly<Record<string, Readonly<Record<string, SlackElementState>>>>

interface SlackElementState {
  readonly value?: string | null | undefined
  readonly selected_option?: { readonly value?: string } | null | undefined
}

export function readSlackForm(state: SlackFormState): FormValues {
  const entries = Object.entries(state).map(([name, elements]) => {
    const [element] = Object.values(elements)
    return [name, element?.selected_option?.value ?? element?.value ?? ''] as const
  })
  return Object.fromEntries(entries)
}

function fieldBlocks(field: Field, step: number): (SlackBlock | SlackInput)[] {
  const input: SlackInput = {
    type: 'input',
    block_id: field.name,
    optional: !field.required,
    label: plainText(field.label, 2000),
    ...(field.hint && { hint: plainText(field.hint, 2000) }),
    element: element(field, step),
  }
  return field.error === undefined ? [input] : [input, context(['⚠️ ', { strong: field.error }])]
}

/** Slack keeps what was typed wherever block and action ids stay the same; a step's number keeps steps apart. */
function element(field: Field, step: number): SlackTextInput | SlackChoice {
  const actionId = `${field.name}-${step}`
  return field.kind === 'text' ? textInput(field, actionId) : choice(field, actionId)
}

function textInput(field: TextField, actionId: string): SlackTextInput {
  const maxLength = Math.min(field.maxLength ?? longestText, longestText)
  return {
    type: 'plain_text_input',
    action_id: actionId,
    multiline: field.multiline ?? false,
    max_length: maxLength,
    ...(field.value && {
      initial_value: Array.from(field.value.toWellFormed()).slice(0, maxLength).join(''),
    }),
    ...(field.placeholder && { placeholder: plainText(field.placeholder, 150) }),
  }
}

function choice(field: ChoiceField, actionId: string): SlackChoice {
  const options = field.options.map(({ value, label, hint }) => ({
    value,
    text: plainText(label, 75),
    ...(hint && { description: plainText(hint, 75) }),
  }))
  const chosen = options.find(({ value }) => value === field.value)
  return { type: 'static_select', action_id: actionId, options, ...(chosen && { initial_option: chosen }) }
}

function section(lines: readonly Line[]): SlackBlock {
  return { type: 'section', text: mrkdwn(lines, longestText) }
}

function context(line: Line): SlackBlock {
  return { type: 'context', elements: [mrkdwn([line], 2000)] }
}
