import { commandWord } from '#engine/command/registry.ts'
import type { Severity } from '#engine/event.ts'
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
}

/** As many as every chat has room for. */
export const mostInDigest = 8

/** The living message of a storm. `base`: the address people reach this house at. */
export function composeDigest(digest: Digest, now: Date, base: string | undefined): Message {
  const { firing, acknowledged, resolved, beganAt, worst } = digest
  const total = firing + acknowledged + resolved
  const isOver = firing + acknowledged === 0
  return message({
    tone: toneOf(digest),
    headline: `${counted(total, 'alert', 'alerts')} at once: ${firing} firing, ${acknowledged} acknowledged, ${resolved} resolved`,
    lines: isOver ? [] : [howToAct(worst)],
    facts: [
      { label: 'Firing', value: [{ strong: String(firing) }] },
      { label: 'Acknowledged', value: [String(acknowledged)] },
      { label: 'Resolved', value: [String(resolved)] },
      ...severities(digest),
      { label: 'Began', value: [{ time: beganAt.toISOString(), style: 'clock' }] },
    ],
    items: worst.slice(0, mostInDigest).map((incident) => incidentItem(incident, now)),
    notes: isOver ? [] : [rest(firing + acknowledged - worst.length, base)],
    actions: isOver ? [] : [{ kind: 'button', label: 'List open alerts', command: 'list' }],
  })
}

function howToAct([first]: readonly Incident[]): Line {
  return [
    'More than this chat can be told one by one; this message is kept true instead. Each is handled by its number, as in ',
    { code: `/${commandWord} ack ${first?.number ?? 1}` },
    '.',
  ]
}

function severities({ open }: Digest): Fact[] {
  const known = [
    { label: 'Critical and open', count: open.CRITICAL },
    { label: 'Warning and open', count: open.WARNING },
  ]
  return known.flatMap(({ label, count }) => (count > 0 ? [{ label, value: [String(count)] }] : []))
}

function rest(hidden: number, base: string | undefined): Line {
  const where: Line = base === undefined ? [] : [' or on ', { link: 'the page', href: base }]
  return [
    ...(hidden > 0 ? [`${hidden} more are open: `] : ['Look at them with ']),
    { code: `/${commandWord} list` },
    ...where,
    '.',
  ]
}

function toneOf({ firing, acknowledged, open }: Digest): Tone {
  if (firing > 0) return open.CRITICAL > 0 ? 'critical' : open.WARNING > 0 ? 'warning' : 'info'
  return acknowledged > 0 ? 'acknowledged' : 'resolved'
}
