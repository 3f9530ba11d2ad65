/**
 * What a press carries back to us. Discord wants every custom id of a message to differ, hence `at`.
 * say: a button with a command line · menu: the command is the picked value · open: show a form's fields ·
 * send: hand in a step without fields · form, page: a filled-in modal, its answer to be shown as a new private
 * message, or in place of the page it was opened from.
 */
export type DiscordCustomId =
  | { readonly kind: 'say'; readonly at: number; readonly command: string }
  | { readonly kind: 'menu'; readonly at: number }
  | { readonly kind: 'open' | 'send' | 'form' | 'page'; readonly formId: string }

export const longestCustomId = 100

export function writeCustomId(id: DiscordCustomId): string {
  if (id.kind === 'say') return `say ${id.at} ${id.command}`
  if (id.kind === 'menu') return `menu ${id.at}`
  return `${id.kind} ${id.formId}`
}

/** Undefined for an id we never wrote, or wrote in a version that is gone. */
export function readCustomId(text: string): DiscordCustomId | undefined {
  const say = /^say (\d+) (.+)$/s.exec(text)
  if (say?.[2]) return { kind: 'say', at: Number(say[1]), command: say[2] }
  const menu = /^menu (\d+)$/.exec(text)
  if (menu) return { kind: 'menu', at: Number(menu[1]) }
  const [, kind, formId] = /^(open|send|form|page) (.+)$/s.exec(text) ?? []
  return formId ? { kind: kind as 'open' | 'send' | 'form' | 'page', formId } : undefined
}
