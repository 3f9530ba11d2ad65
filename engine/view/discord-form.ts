import { type DiscordMessage, type DiscordSelect, renderDiscord } from '#engine/message/discord.ts'
import { type DiscordCustomId, writeCustomId } from '#engine/message/discord-custom-id.ts'
import { discordLabel, discordLines } from '#engine/message/discord-text.ts'
import { type Line, message } from '#engine/message/message.ts'
import { plainLine } from '#engine/message/plain.ts'
import { sparkline } from '#engine/message/sparkline.ts'
import type { ChoiceField, Field, Form, TextField } from './form.ts'

/** The body of a MODAL answer to an interaction. */
export interface DiscordModal {
  custom_id: string
  title: string
  components: (DiscordLabel | DiscordTextDisplay)[]
}

interface DiscordLabel {
  type: 18
  label: string
  description?: string
  component: DiscordTextInput | DiscordSelect
}

interface DiscordTextDisplay {
  type: 10
  content: string
}

interface DiscordTextInput {
  type: 4
  custom_id: string
  style: 1 | 2
  required: boolean
  placeholder?: string
  value?: string
  max_length?: number
}

/** A modal has five places at its top level; fields have the first claim to them. */
const places = 5
const longestText = 4000

/** Whether a modal alone can show the step. If not, a page says the rest first and its button opens the modal. */
export function needsPage(form: Form): boolean {
  const isCrowded = form.picture !== undefined && form.fields.length >= places
  return form.fields.length === 0 || isFaulty(form) || isCrowded
}

/** `kind` says where the answer goes: see DiscordCustomId. */
export function renderDiscordForm(form: Form, kind: 'form' | 'page'): DiscordModal {
  const hasRoom = form.fields.length < places
  const intro = hasRoom ? discordLines(explain(form), longestText).text : ''
  const fields = hasRoom ? form.fields : introduceFirst(form)
  return {
    custom_id: writeCustomId({ kind, formId: form.id }),
    title: discordLabel(title(form), 45),
    components: [
      ...(intro ? [{ type: 10 as const, content: intro }] : []),
      ...fields.slice(0, places).map(renderField),
    ],
  }
}

/** Five fields leave no place for an introduction of its own; under the first label there may be one. */
function introduceFirst({ fields, intro }: Form): readonly Field[] {
  const [first, ...rest] = fields
  return first ? [{ hint: intro.map(plainLine).join(' '), ...first }, ...rest] : []
}

/**
 * What stands between two modals, since Discord cannot open one from another: what is wrong with the last step, or what
 * the next one is about, and a button that goes on. A step without fields, such as the preview, is only a page.
 */
export function renderDiscordPage(form: Form): DiscordMessage {
  const body = renderDiscord(
    message({
      tone: isFaulty(form) ? 'warning' : 'neutral',
      headline: title(form),
      lines: [...errors(form), ...form.intro],
      ...(form.picture && { picture: form.picture }),
    }),
  )
  const hasFields = form.fields.length > 0
  const next: DiscordCustomId = { kind: hasFields ? 'open' : 'send', formId: form.id }
  const goOn = isFaulty(form) ? 'Try again' : 'Continue'
  const label = discordLabel(hasFields ? goOn : form.submitLabel, 80) || 'OK'
  const button = { type: 2 as const, style: 1 as const, label, custom_id: writeCustomId(next) }
  return { ...body, components: [{ type: 1, components: [button] }] }
}

function isFaulty(form: Form): boolean {
  return errors(form).length > 0
}

function errors(form: Form): Line[] {
  const ofFields = form.fields.flatMap(({ label, error }): Line[] =>
    error ? [[{ strong: label }, `: ${error}`]] : [],
  )
  return form.error ? [[form.error], ...ofFields] : ofFields
}

function title(form: Form): string {
  return form.steps > 1 ? `${form.title} (${form.step} of ${form.steps})` : form.title
}

function explain(form: Form): Line[] {
  return form.picture ? [...form.intro, [sparkline(form.picture)]] : [...form.intro]
}

function renderField(field: Field): DiscordLabel {
  const description = discordLabel(field.error ?? field.hint ?? '', 100)
  return {
    type: 18,
    label: discordLabel(field.label, 45) || field.name.slice(0, 45),
    ...(description && { description }),
    component: field.kind === 'text' ? renderTextInput(field) : renderSelect(field),
  }
}

/** What a person typed goes back as they typed it, so only what Discord would refuse is taken out. */
function renderTextInput(field: TextField): DiscordTextInput {
  const max = Math.min(field.maxLength ?? longestText, longestText)
  const value = cutValue(field.value ?? '', max)
  const placeholder = discordLabel(field.placeholder ?? '', 100)
  return {
    type: 4,
    custom_id: field.name,
    style: field.multiline ? 2 : 1,
    required: field.required,
    max_length: max,
    ...(placeholder && { placeholder }),
    ...(value.trim() && { value }),
  }
}

function cutValue(value: string, max: number): string {
  return value.replaceAll('\0', '').slice(0, max).toWellFormed()
}

function renderSelect(field: ChoiceField): DiscordSelect {
  const options = field.options.slice(0, 25).map(({ value, label, hint = '' }) => {
    const description = discordLabel(hint, 100)
    return {
      value,
      label: discordLabel(label, 100) || value.slice(0, 100),
      ...(description && { description }),
      ...(value === field.value && { default: true }),
    }
  })
  return { type: 3, custom_id: field.name, required: field.required, options }
}
