import type { Check } from '#engine/check.ts'
import type { CheckState } from '#engine/event.ts'
import { type Item, type Line, type Message, message, type Tone } from '#engine/message/message.ts'
import type { LinkTable } from '#engine/route/contacts.ts'
import { counted } from './counted.ts'

/** As many as one looks through. */
export const checksPerEntity = 20
const mostContacts = 20

interface EntityView {
  readonly id: string
  readonly name: string
  /** The name in lower case. */
  readonly key: string
  readonly tags: readonly string[]
  /** Keys of all its checks. */
  readonly checkKeys: readonly string[]
  /** The first of them. */
  readonly checks: readonly Check[]
  readonly links: LinkTable
}

/** `entity <name>`: its checks, and who is linked to it or to one of them. */
export function entityCard(entity: EntityView): Message {
  const { id, name, tags, checkKeys, checks } = entity
  const hidden = checkKeys.length - checks.length
  return message({
    headline: `Entity ${name}: ${counted(checkKeys.length, 'check', 'checks')}`,
    lines: [linkedContacts(entity), ...(tags.length > 0 ? [[`Tags: ${tags.slice(0, 20).join(', ')}`]] : [])],
    items: checks.map(checkItem),
    notes: [
      ...(hidden > 0 ? [[`${hidden} more not shown.`]] : []),
      ['It is renamed and tagged by the REST API: ', { code: `PATCH /api/v1/entities/${id}` }, '.'],
    ],
  })
}

function linkedContacts({ key, checkKeys, links }: EntityView): Line {
  const ofChecks = checkKeys.flatMap((checkKey) =>
    [...(links.byCheck.get(checkKey) ?? [])].map((id) => `${id} (${checkKey.slice(key.length + 1)})`),
  )
  const all = [
    ...(links.byEntity.get(key) ?? []),
    ...ofChecks,
    ...[...links.toAll].map((id) => `${id} (hears everything)`),
  ]
  if (all.length === 0) return ['No contact is linked to it.']
  const more = all.length - mostContacts
  return [`Linked to it: ${all.slice(0, mostContacts).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`]
}

const tones: Record<CheckState, Tone> = {
  ok: 'resolved',
  info: 'info',
  unknown: 'warning',
  warning: 'warning',
  critical: 'critical',
}

function checkItem({ key, name, memory }: Check): Item {
  const state = memory.lastChange?.state
  return {
    tone: state ? tones[state] : 'neutral',
    line: [{ strong: name }],
    detail: [state ?? 'nothing was heard of it yet', memory.isEnabled ? '' : ' · not watched'],
    action: { kind: 'button', label: 'Who hears', command: `who ${key}` },
  }
}
