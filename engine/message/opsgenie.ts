import type { Severity } from '#engine/event.ts'
import { fieldLine, fieldText } from './field-text.ts'
import { plainLine, plainMessage } from './plain.ts'
import type { Line } from './message.ts'
import { numbered, type Subject, type Tellable } from './subject.ts'

type OpsgeniePriority = 'P1' | 'P2' | 'P3' | 'P4' | 'P5'

interface OpsgenieResponder {
  readonly type: 'team' | 'user' | 'escalation' | 'schedule'
  readonly name: string
}

/** The body of "Create Alert", the same for Jira Service Management. */
export interface OpsgenieAlert {
  readonly message: string
  readonly alias: string
  readonly description: string
  readonly entity: string
  readonly source: string
  readonly user: string
  readonly priority: OpsgeniePriority
  readonly tags: readonly string[]
  readonly details: Readonly<Record<string, string>>
  readonly responders?: readonly {
    readonly type: string
    readonly name?: string
    readonly username?: string
  }[]
}

/** The body of everything done to an alert that is there. */
export interface OpsgenieAct {
  readonly user: string
  readonly source: string
  readonly note: string
}

export interface OpsgenieWishes {
  readonly priorities: Readonly<Record<Severity, OpsgeniePriority>>
  readonly responders: readonly OpsgenieResponder[]
  readonly tags: readonly string[]
}

const longest = { message: 130, description: 15_000, entity: 512, user: 100, tag: 50, note: 25_000 } as const
const mostTags = 20
const mostDetails = 8000
const longestDetail = 1000

export function renderOpsgenieAlert(
  message: Tellable,
  subject: Subject,
  { priorities, responders, tags }: OpsgenieWishes,
): OpsgenieAlert {
  const { subject: _machines, ...shown } = message
  return {
    message: fieldLine(numbered(subject), longest.message),
    alias: subject.key,
    description: fieldText(plainMessage(shown), longest.description),
    entity: fieldLine(subject.entity, longest.entity),
    source: 'Tocsin',
    user: 'Tocsin',
    priority: priorities[subject.severity],
    tags: tags.slice(0, mostTags).map((tag) => fieldLine(tag, longest.tag)),
    details: details(subject),
    ...(responders.length > 0 && { responders: responders.map(responder) }),
  }
}

/** What a person did or what became of it, under that person's name. */
export function renderOpsgenieAct(subject: Subject, line?: Line): OpsgenieAct {
  const note = line ? plainLine(line) : standing(subject)
  const user = subject.status === 'acknowledged' && subject.acknowledgedBy ? subject.acknowledgedBy : 'Tocsin'
  return {
    user: fieldLine(user, longest.user) || 'Tocsin',
    source: 'Tocsin',
    note: fieldText(note, longest.note),
  }
}

function standing({ status, number, acknowledgedBy }: Subject): string {
  if (status === 'acknowledged') return `#${number} was acknowledged by ${acknowledgedBy ?? 'someone'}.`
  return `#${number} is ${status}.`
}

/** Users are named by their address, everybody else by name. */
function responder({ type, name }: OpsgenieResponder): { type: string; name?: string; username?: string } {
  return type === 'user' ? { type, username: name } : { type, name }
}

/** As many labels as fit; our own facts come first. */
function details(subject: Subject): Record<string, string> {
  const facts: readonly (readonly [string, string])[] = [
    ['incident', String(subject.number)],
    ['environment', subject.environment],
    ['severity', subject.severity],
    ['startedAt', subject.startedAt],
    ['alerts', String(subject.alertCount)],
    ...(subject.link ? [['link', subject.link] as const] : []),
    ...Object.entries(subject.labels).map(([name, value]) => [`label.${name}`, value] as const),
  ]
  let left = mostDetails
  const fitting = facts
    .map(([name, value]) => [fieldLine(name, 200), fieldLine(value, longestDetail)] as const)
    .filter(([name, value]) => (left -= name.length + value.length) >= 0)
  return Object.fromEntries(fitting)
}
