import { quoted } from '#engine/command/quoting.ts'
import { type Fact, type Item, type Line, type Message, message } from '#engine/message/message.ts'
import { failingStates } from '#engine/notify/severity.ts'
import type { CheckState } from '#engine/event.ts'
import type { ContactExplanation } from '#engine/route/explain.ts'
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

export interface Hearing {
  readonly checkKey: string
  readonly severity: CheckState
  /** The check was never seen. */
  readonly isUnseen: boolean
  /** Why nobody hears now: `Silenced until …`. */
  readonly quiet: readonly Line[]
  /** Names of the chats that are told. */
  readonly chats: readonly string[]
  readonly contacts: readonly ContactExplanation[]
}

/** `who <check>`: contact by contact, and why. */
export function whoHears({ checkKey, severity, isUnseen, quiet, chats, contacts }: Hearing): Message {
  const concerned = contacts.filter(({ outcome }) => outcome.kind !== 'not-linked')
  const others = contacts.length - concerned.length
  return message({
    headline: `Who would hear of ${checkKey} being ${severity}`,
    lines: [
      ...(isUnseen ? [['This check was never seen; this is what would happen.']] : []),
      ...quiet,
      chats.length > 0 ? ['Told in ', chats.join(', '), '.'] : ['No chat is told: none is connected.'],
    ],
    items: concerned.slice(0, mostShown).map(explain),
    notes: [
      ...(concerned.length > mostShown ? [[`${concerned.length - mostShown} more not shown.`]] : []),
      ...(others > 0
        ? [[`${others} ${others === 1 ? 'contact is' : 'contacts are'} not linked to it.`]]
        : []),
    ],
  })
}

const because = {
  'no-rule-matches': 'hears nothing: no rule matches',
  blackhole: 'hears nothing: a rule says so',
  'no-media': 'hears nothing: its rules name no medium for this',
} as const

const verdicts = {
  governs: 'decides',
  'set-aside': 'matches, but a more specific rule decides',
  'broken-pattern': 'has a broken pattern',
  'other-entity': 'is for other entities',
  'missing-tag': 'wants a tag that is not there',
  'outside-hours': 'is outside its hours',
} as const

function explain({ contactId, outcome, rules }: ContactExplanation): Item {
  const hears =
    outcome.kind === 'routed' ? `hears by ${outcome.media.map(({ name }) => name).join(', ')}` : ''
  const why = outcome.kind === 'unheard' ? because[outcome.because] : hears
  return {
    tone: outcome.kind === 'routed' ? 'info' : 'neutral',
    line: [{ strong: contactId }, ` ${why}`],
    detail: [rules.map(({ ruleId, verdict }) => `${ruleId} ${verdicts[verdict]}`).join(' · ')],
  }
}
