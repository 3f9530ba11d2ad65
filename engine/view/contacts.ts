import { quoted } from '#engine/command/quoting.ts'
import { type Fact, type Item, type Line, type Message, message } from '#engine/message/message.ts'
import { failingStates } from '#engine/notify/severity.ts'
import type { Listener, Routing } from '#engine/route/routing.ts'
import { printHours } from '#engine/route/hours-words.ts'
import { type CompiledRule, implicitRuleEnd } from '#engine/route/rules.ts'

const mostShown = 20

/** `contacts`: who can be reached, and how. Addresses are shown one contact at a time. */
export function contactList({ listeners }: Routing): Message {
  const all = [...listeners.values()]
  if (all.length === 0)
    return message({
      headline: 'There are no contacts: alerts go to the chats alone.',
      notes: [['The first one: ', { code: 'contact add ada' }, '.']],
    })
  return message({
    headline: `${all.length} ${all.length === 1 ? 'contact' : 'contacts'}`,
    items: all.slice(0, mostShown).map((listener): Item => ({
      tone: 'neutral',
      line: [{ strong: listener.contactId }],
      detail: [mediaNames(listener)],
      action: { kind: 'button', label: 'Show', command: `contact ${quoted(listener.contactId)}` },
    })),
    notes: all.length > mostShown ? [[`${all.length - mostShown} more not shown.`]] : [],
  })
}

function mediaNames({ media }: Listener): string {
  return media.length > 0 ? media.map(({ name }) => name).join(', ') : 'no media'
}

/** `contact <id>`: media, links and rules. */
export function contactCard(listener: Listener, { links }: Routing): Message {
  const { contactId, media, general, specific } = listener
  const name = quoted(contactId)
  return message({
    headline: `Contact ${contactId}`,
    lines: [linked(contactId, links)],
    actions: [{ kind: 'button', label: 'New rule', command: `contact ${name} rule` }],
    facts: media.map(({ name, address, intervalSeconds, rollupThreshold }): Fact => ({
      label: name,
      value: [
        `${address}, at most every ${intervalSeconds} s`,
        ...(rollupThreshold === null ? [] : [`, as a summary from ${rollupThreshold} failing checks on`]),
      ],
    })),
    items: [...specific, ...general].slice(0, mostShown).map((rule) => ruleItem(rule, name)),
  })
}

function linked(contactId: string, links: Routing['links']): Line {
  const of = (table: ReadonlyMap<string, ReadonlySet<string>>) =>
    [...table].filter(([, ids]) => ids.has(contactId)).map(([subject]) => subject)
  if (links.toAll.has(contactId)) return ['Linked to everything.']
  const subjects = [...of(links.byEntity), ...of(links.byCheck)]
  if (subjects.length === 0) return ['Linked to nothing, so hears nothing.']
  const more = subjects.length - mostShown
  return [`Linked to ${subjects.slice(0, mostShown).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`]
}

function ruleItem({ rule, isSpecific, brokenBecause }: CompiledRule, contact: string): Item {
  const criteria = [
    ...rule.entities,
    ...rule.regexEntities.map((pattern) => `/${pattern}/`),
    ...rule.tags.map((tag) => `tag ${tag}`),
    ...rule.regexTags.map((pattern) => `tag /${pattern}/`),
  ]
  const hears = failingStates.flatMap((state) => {
    if (rule.blackholes[state]) return [`${state}: nothing`]
    return rule.media[state].length > 0 ? [`${state}: ${rule.media[state].join(', ')}`] : []
  })
  const hours = rule.timeRestrictions.map((restriction) => printHours(restriction) ?? 'at its own hours')
  const when = hours.length > 0 ? `, ${hours.join('; ')}` : ''
  return {
    tone: brokenBecause === undefined ? 'neutral' : 'warning',
    line: [
      { code: rule.id },
      isSpecific ? ` for ${criteria.join(', ')}${when}` : ` for everything else${when}`,
    ],
    detail: [brokenBecause ?? (hears.length > 0 ? hears.join(' · ') : 'hears nothing')],
    // The implicit rule is computed: it goes when a general one comes.
    ...(!rule.id.endsWith(implicitRuleEnd) && {
      action: {
        kind: 'button',
        label: 'Remove',
        command: `contact ${contact} rule remove ${quoted(rule.id)}`,
        style: 'danger',
      },
    }),
  }
}
