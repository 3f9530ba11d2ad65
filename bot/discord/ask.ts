import type { ChatInputCommandInteraction, ModalSubmitInteraction } from 'discord.js'
import { discordLineOf } from '#engine/command/discord-commands.ts'
import { type DiscordCustomId, readCustomId } from '#engine/message/discord-custom-id.ts'
import type { FormValues } from '#engine/view/form.ts'
import type { Heard } from './reply.ts'

/** What an interaction asks of the house. `isOnPage`: the form was opened from a private page that it may replace. */
export type Ask =
  | { readonly kind: 'say'; readonly line: string }
  | {
      readonly kind: 'submit'
      readonly formId: string
      readonly values: FormValues
      readonly isOnPage: boolean
    }
  | { readonly kind: 'reopen'; readonly formId: string }
  | { readonly kind: 'unknown' }

export function readAsk(heard: Heard): Ask {
  if (heard.isChatInputCommand()) return { kind: 'say', line: lineOf(heard) }
  const id = readCustomId(heard.customId)
  if (!id) return { kind: 'unknown' }
  if (heard.isModalSubmit()) return readModal(id, heard)
  return readPress(id, heard.isStringSelectMenu() ? heard.values[0] : undefined)
}

function lineOf({ options }: ChatInputCommandInteraction): string {
  const words = [options.getSubcommandGroup(false), options.getSubcommand(false)].filter(
    (word) => word !== null,
  )
  return discordLineOf(words, (name) => options.getString(name))
}

function readPress(id: DiscordCustomId, picked: string | undefined): Ask {
  if (id.kind === 'say') return { kind: 'say', line: id.command }
  if (id.kind === 'menu') return picked === undefined ? { kind: 'unknown' } : { kind: 'say', line: picked }
  if (id.kind === 'open') return { kind: 'reopen', formId: id.formId }
  if (id.kind === 'send') return { kind: 'submit', formId: id.formId, values: {}, isOnPage: true }
  return { kind: 'unknown' }
}

function readModal(id: DiscordCustomId, modal: ModalSubmitInteraction): Ask {
  if (id.kind !== 'form' && id.kind !== 'page') return { kind: 'unknown' }
  return { kind: 'submit', formId: id.formId, values: readValues(modal), isOnPage: id.kind === 'page' }
}

function readValues({ fields }: ModalSubmitInteraction): FormValues {
  return Object.fromEntries(
    fields.fields.map((field, name) => [
      name,
      'values' in field ? (field.values[0] ?? '') : String(field.value ?? ''),
    ]),
  )
}
