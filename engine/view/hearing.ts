import type { CheckState } from '#engine/event.ts'
import type { RouteHearing } from '#engine/dispatch/explain.ts'
import { type Item, type Line, type Message, message } from '#engine/message/message.ts'
import type { ContactExplanation } from '#engine/route/explain.ts'
import { printTarget } from '#engine/route/targets.ts'

const mostShown = 20

/** Who hears of something, by which of the three ways, and who does not, and why. */
export interface Hearing {
  /** What it is about: a check or an alert. */
  readonly about: string
  readonly severity: CheckState
  /** Nothing of the kind was seen yet. */
  readonly isUnseen: boolean
  /** Why nobody hears now: `Silenced until …`. */
  readonly quiet: readonly Line[]
  /** Undefined: nobody wrote a routing, so every chat hears. */
  readonly routes: readonly RouteHearing[] | undefined
  /** Names of the connections that its rule itself names. */
  readonly ofRule: readonly string[]
  /** Names of the chats that are told, and of those that are not. */
  readonly chats: { readonly told: readonly string[]; readonly untold: readonly string[] }
  readonly contacts: readonly ContactExplanation[]
}

/** `explain` and `who`: way by way, and why. */
export function whoHears(hearing: Hearing): Message {
  const { about, severity, isUnseen, quiet, routes, ofRule, contacts } = hearing
  const concerned = contacts.filter(({ outcome }) => outcome.kind !== 'not-linked')
  const items = [...(routes ?? []).map(explainRoute), ...concerned.map(explainContact)]
  const others = contacts.length - concerned.length
  return message({
    headline: `Who would hear of ${about} being ${severity}`,
    lines: [
      ...(isUnseen ? [['Nothing of the kind was seen yet; this is what would happen.']] : []),
      ...quiet,
      ...explainChats(hearing),
      ...(ofRule.length > 0 ? [['Told to ', ofRule.join(', '), ', because its rule names it.']] : []),
    ],
    items: items.slice(0, mostShown),
    notes: [
      ...(items.length > mostShown ? [[`${items.length - mostShown} more not shown.`]] : []),
      ...(others > 0
        ? [[`${others} ${others === 1 ? 'contact is' : 'contacts are'} not linked to it.`]]
        : []),
    ],
  })
}

function explainChats({ routes, chats: { told, untold } }: Hearing): Line[] {
  const why = routes ? 'because a route names them' : 'because nobody wrote a routing, so every chat hears'
  return [
    told.length > 0 ? ['Told in ', told.join(', '), `, ${why}.`] : [noChat(untold)],
    ...(told.length > 0 && untold.length > 0
      ? [['Not told in ', untold.join(', '), ': no route it takes names them.']]
      : []),
  ]
}

function noChat(untold: readonly string[]): string {
  return untold.length > 0
    ? `No chat is told: no route it takes names one of ${untold.join(', ')}.`
    : 'No chat is told: none is connected.'
}

function explainRoute({ matchers, receiver, chats, connections, webhooks, quietBy }: RouteHearing): Item {
  const tells = [
    ...(chats === 'all' ? ['every chat'] : chats),
    ...connections,
    ...(webhooks > 0 ? [`${webhooks} ${webhooks === 1 ? 'webhook' : 'webhooks'}`] : []),
  ]
  const by =
    matchers.length > 0
      ? `because of ${matchers.join(', ')}`
      : 'because the first route takes what no other does'
  return {
    tone: tells.length > 0 && quietBy.length === 0 ? 'info' : 'neutral',
    line: ['Receiver ', { strong: receiver }, ` hears ${by}`],
    detail: [
      tells.length > 0 ? `tells ${tells.join(', ')}` : 'tells nobody: silence on purpose',
      quietBy.length > 0 ? ` · its webhooks are quiet now: ${quietBy.join(', ')}` : '',
    ],
  }
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

function explainContact({ contactId, named, outcome, rules }: ContactExplanation): Item {
  const hears =
    outcome.kind === 'routed' ? `hears by ${outcome.media.map(({ name }) => name).join(', ')}` : ''
  const why = outcome.kind === 'unheard' ? because[outcome.because] : hears
  return {
    tone: outcome.kind === 'routed' ? 'info' : 'neutral',
    line: [
      { strong: contactId },
      ` ${why}`,
      named.length > 0 ? `, because its rule names ${named.map(printTarget).join(' and ')}` : '',
    ],
    detail: [rules.map(({ ruleId, verdict }) => `${ruleId} ${verdicts[verdict]}`).join(' · ')],
  }
}
