import type { Line, Picture } from '#engine/message/message.ts'

/**
 * A dialog, before any dialect: at most five fields a step, because that is what the narrowest platform can show
 * (Discord's modal). `id` is opaque: the draft behind it lives in the database and belongs to one person.
 */
export interface Form {
  readonly id: string
  /** At most 24 characters (Slack's modal title). */
  readonly title: string
  readonly step: number
  readonly steps: number
  readonly intro: readonly Line[]
  readonly picture?: Picture
  readonly fields: readonly Field[]
  /** At most 24 characters. */
  readonly submitLabel: string
  /** What is wrong with the whole step rather than with one field. */
  readonly error?: string
}

interface FieldBase {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly required: boolean
  readonly value?: string
  readonly error?: string
}

export interface TextField extends FieldBase {
  readonly kind: 'text'
  readonly placeholder?: string
  readonly multiline?: boolean
  readonly maxLength?: number
}

export interface ChoiceField extends FieldBase {
  readonly kind: 'choice'
  /** 2 to 25 options. */
  readonly options: readonly { readonly value: string; readonly label: string; readonly hint?: string }[]
}

export type Field = TextField | ChoiceField

/** What a person sent back: every field of the step as text; an absent or blank one was left empty. */
export type FormValues = Readonly<Record<string, string>>
