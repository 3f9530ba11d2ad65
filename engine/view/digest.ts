import { commandWord } from '#engine/command/registry.ts'
import type { Severity } from '#engine/event.ts'
import type { DigestWay } from '#engine/notify/digest-way.ts'
import type { Incident } from '#engine/incident/incident.ts'
import { type Fact, type Line, type Message, message, type Tone } from '#engine/message/message.ts'
import { counted } from './counted.ts'
import { incidentItem } from './incident-list.ts'

/** What one message tells of many incidents, as they stand now. */
export interface Digest {
  readonly beganAt: Date
  readonly firing: number
  readonly acknowledged: number
  readonly resolved: number
  /** Of those that are not resolved. */
  readonly open: Readonly<Record<Severity, number>>
  /** The first of those that are not resolved, worst first. */
  readonly worst: readonly Incident[]
  /** What was resolved since the digest was posted last, where it is posted again instead of edited. */
  readonly over: readonly Incident[]
}

/** Where it is read. */
interface DigestPlace {
  readonly way: DigestWay
  /** Whether people answer there. */
  readonly isChat: boolean
  /** The address they reach this house at. */
  readonly base: string | undefined
}

/** As many as every chat has room for. */
export const mostInDigest = 8

/** The message of a storm. */
export function composeDigest(digest: Digest, place: DigestPlace, now: Date): Message {
  const { firing, acknowledged, resolved, beganAt, worst, over } = digest
  const total = firing + acknowledged + resolved
  const isOver = firing + acknowledged === 0
  return message({
    tone: toneOf(digest),
    headline: `${counted(total, 'alert', 'alerts')} at once: ${firing} firing, ${acknowledged} acknowledged, ${resolved} resolved`,
    lines: isOver ? [] : [howToAct(worst, place)],
    facts: [
      { label: 'Firing', value: [{ strong: String(firing) }] },
      { label: 'Acknowledged', value: [String(acknowledged)] },
      { label: 'Resolved', value: [String(resolved)] },
      ...severities(digest),
      ...news(over),
      { label: 'Began', value: [{ time: beganAt.toISOString(), style: 'clock' }] },
    ],
    items: [...worst.slice(0, mostInDigest), ...over.slice(0, mostInDigest)].map((incident) =>
      incidentItem(incident, now),
    ),
    notes: isOver ? [] : rest(firing + acknowledged - worst.length, place),
    actions: isOver ? [] : [{ kind: 'button', label: 'List open alerts', command: 'list' }],
  })
}

function howToAct([first]: readonly Incident[], { way, isChat }: DigestPlace): Line {
  if (way === 'repeated')
    return [
      'More than can be told here one by one. How all of them stand is told when it changes, once a minute at most.',
    ]
  if (!isChat) return ['More than can be told here one by one; this message is kept true instead.']
  return [
    'More than this chat can be told one by one; this message is kept true instead. Each is handled by its number, as in ',
    { code: `/${commandWord} ack ${first?.number ?? 1}` },
    '.',
  ]
}

function news(over: readonly Incident[]): Fact[] {
  return over.length > 0 ? [{ label: 'Resolved since the last digest', value: [String(over.length)] }] : []
}

function severities({ open }: Digest): Fact[] {
  const known = [
    { label: 'Critical and open', count: open.CRITICAL },
    { label: 'Warning and open', count: open.WARNING },
  ]
  return known.flatMap(({ label, count }) => (count > 0 ? [{ label, value: [String(count)] }] : []))
}

function rest(hidden: number, { isChat, base }: DigestPlace): Line[] {
  const command: Line = isChat ? [' with ', { code: `/${commandWord} list` }] : []
  const page: Line = base === undefined ? [] : [isChat ? ' or on ' : ' on ', { link: 'the page', href: base }]
  const where = [...command, ...page]
  if (hidden > 0)
    return [[`${hidden} more are open`, ...(where.length > 0 ? [': look at them', ...where] : []), '.']]
  return where.length > 0 ? [['Look at them', ...where, '.']] : []
}

function toneOf({ firing, acknowledged, open }: Digest): Tone {
  if (firing > 0) return open.CRITICAL > 0 ? 'critical' : open.WARNING > 0 ? 'warning' : 'info'
  return acknowledged > 0 ? 'acknowledged' : 'resolved'
}
