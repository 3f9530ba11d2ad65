import { formatDuration } from '#engine/duration.ts'
import { type CheckState, severity } from '#engine/event.ts'
import type { CheckNotification } from '#engine/notify/decide-notification.ts'
import type { Summary } from '#engine/notify/rollup.ts'
import type { Fact, Item, Message, Tone } from './message.ts'
import { message } from './message.ts'
import type { Subject, Tellable } from './subject.ts'

/** What a contact is told that is no incident: a summary, a test, or a check that nobody has an incident of any more. */
export interface ContactNotice {
  readonly contactId: string
  readonly notification: CheckNotification
  /** null = this check alone is told. */
  readonly summary: Summary | null
}

interface NoticeScene {
  readonly id: string
  readonly environment: string
  readonly at: Date
}

export function contactMessage(notice: ContactNotice, scene: NoticeScene): Tellable {
  const { notification, summary } = notice
  const told = message(summary ? summaryParts(summary) : checkParts(notification))
  return { ...told, subject: subjectOf(told, notice, scene) }
}

function checkParts({ type, state, entity, check, summary }: CheckNotification) {
  const name = `${entity}:${check}`
  const lines = summary === null ? [] : [[summary]]
  switch (type) {
    case 'test':
      return {
        tone: 'info' as const,
        headline: `Test: alerts of ${name} reach you`,
        lines: [['Nothing is wrong.'], ...lines],
      }
    case 'recovery':
      return { tone: 'resolved' as const, headline: `${name} has recovered`, lines }
    case 'acknowledgement':
      return { tone: 'acknowledged' as const, headline: `${name} was acknowledged`, lines }
    case 'problem':
      return { tone: toneOf(state as CheckState), headline: `${name} is ${state}`, lines }
  }
}

const mostItems = 50
const worstFirst: readonly (CheckState | null)[] = ['critical', 'warning', 'unknown', 'info']

function summaryParts({ type, threshold, checks }: Summary): Partial<Message> & { headline: string } {
  const sorted = checks.toSorted((one, other) => rank(one.state) - rank(other.state))
  const items = sorted.slice(0, mostItems).map((check): Item => {
    const { checkKey, state, stateDurationSeconds, summary } = check
    const since = stateDurationSeconds === null ? '' : ` for ${formatDuration(stateDurationSeconds)}`
    return {
      tone: state === null ? 'neutral' : toneOf(state),
      line: [{ strong: checkKey }, ` · ${state ?? 'unknown'}${since}`],
      ...(summary !== null && { detail: [summary] }),
    }
  })
  const hidden = checks.length - items.length
  const rest: Item[] = hidden > 0 ? [{ tone: 'neutral', line: [`and ${hidden} more`] }] : []
  const isOver = type === 'recovery'
  const are = `${checks.length} ${checks.length === 1 ? 'check fails' : 'checks fail'}`
  return {
    tone: isOver && checks.length === 0 ? 'resolved' : toneOf(sorted[0]?.state ?? 'info'),
    headline: isOver ? `${are}, fewer than ${threshold}` : are,
    lines: [
      [
        isOver
          ? 'Each is told by itself again.'
          : `From ${threshold} on they are told as one summary, and nothing else until the next.`,
      ],
    ],
    facts: counts(checks),
    items: [...items, ...rest],
  }
}

function counts(checks: Summary['checks']): Fact[] {
  return worstFirst.flatMap((state) => {
    const count = checks.filter((check) => check.state === state).length
    return state !== null && count > 0 ? [{ label: state, value: [String(count)] }] : []
  })
}

function rank(state: CheckState | null): number {
  const at = worstFirst.indexOf(state)
  return at < 0 ? worstFirst.length : at
}

function toneOf(state: CheckState): Tone {
  if (state === 'ok') return 'resolved'
  return state === 'critical' ? 'critical' : state === 'info' ? 'info' : 'warning'
}

/** For what keeps an incident of its own, or hands data on. */
function subjectOf(
  { headline, lines }: Message,
  { notification, summary }: ContactNotice,
  { id, environment, at }: NoticeScene,
): Subject {
  const { type, severity: worst, entity } = notification
  const isOver = summary ? summary.type === 'recovery' : type === 'recovery'
  return {
    key: `tocsin-${id}`,
    incidentId: id,
    number: 0,
    environment,
    status: isOver ? 'resolved' : type === 'acknowledgement' ? 'acknowledged' : 'firing',
    reason: 'announcement',
    severity: worst === 'ok' || type === 'test' ? 'INFO' : severity(worst),
    title: headline,
    summary: lines
      .flat()
      .filter((span) => typeof span === 'string')
      .join(' '),
    entity,
    labels: type === 'test' ? { test: 'true' } : {},
    startedAt: at.toISOString(),
    resolvedAt: isOver ? at.toISOString() : null,
    acknowledgedBy: null,
    ruleId: null,
    link: null,
    alerts: [],
    alertCount: summary?.checks.length ?? 0,
  }
}
