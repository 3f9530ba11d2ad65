import { printMatchers } from '#engine/matcher-text.ts'
import { type ContactNotice, contactMessage } from '#engine/message/contact-message.ts'
import { type Action, type Fact, type Line, message } from '#engine/message/message.ts'
import type { Tellable } from '#engine/message/subject.ts'
import { actorName } from '#engine/person.ts'
import {
  maintenanceName,
  maintenanceState,
  type PlannedMaintenance,
} from '#engine/suppress/maintenance-plan.ts'
import { type Announcement, announcementLine } from '#engine/suppress/announcement.ts'
import {
  currentSpan,
  type ScheduledSilence,
  silenceState,
  type SilenceState,
} from '#engine/suppress/silence-schedule.ts'
import { shortId } from './short-id.ts'

export type AnnouncementSubject =
  | { readonly kind: 'silence'; readonly silence: ScheduledSilence }
  | { readonly kind: 'maintenance'; readonly maintenance: PlannedMaintenance }
  | { readonly kind: 'test'; readonly about: string }
  | {
      readonly kind: 'contact'
      readonly told: ContactNotice
      readonly id: string
      readonly environment: string
    }

export function isAnnouncementOver(subject: AnnouncementSubject, now: Date): boolean {
  return stateOf(subject, now) === 'expired'
}

function stateOf(subject: AnnouncementSubject, now: Date): SilenceState {
  switch (subject.kind) {
    case 'silence':
      return silenceState(subject.silence, now)
    case 'maintenance':
      return maintenanceState(subject.maintenance, now)
    case 'test':
    case 'contact':
      return 'active'
  }
}

/** The announcement of a silence, a maintenance or a test, as it stands now; edited in place as long as it lives. */
export function composeAnnouncement(
  subject: AnnouncementSubject,
  story: readonly Announcement[],
  now: Date,
): Tellable {
  const notes = story
    .slice(-3)
    .map((announcement): Line => [
      { time: announcement.at.toISOString(), style: 'clock' },
      ' ',
      ...announcementLine(announcement),
    ])
  switch (subject.kind) {
    case 'silence':
      return message({ ...silenceParts(subject.silence, story, now), notes })
    case 'maintenance':
      return message({ ...maintenanceParts(subject.maintenance, story, now), notes })
    case 'test':
      return message({
        tone: 'info',
        headline: `Test: alerts of ${subject.about} reach this chat`,
        lines: [['Nothing is wrong. ', ...by(story)]],
      })
    case 'contact':
      return contactMessage(subject.told, { ...subject, at: story[0]?.at ?? now })
  }
}

function by(story: readonly Announcement[]): Line {
  const [first] = story
  return first ? [{ strong: actorName(first.actor) }, ' asked for it.'] : []
}

const silenceWord: Record<SilenceState, string> = {
  active: 'Silenced',
  pending: 'To be silenced',
  expired: 'No longer silenced',
}

function silenceParts(silence: ScheduledSilence, story: readonly Announcement[], now: Date) {
  const state = silenceState(silence, now)
  const id = shortId(silence.id)
  const { recurrence } = silence
  const repeats: Fact[] = recurrence
    ? [{ label: 'Repeats', value: [{ code: recurrence.cron }, ` in ${recurrence.zone}`] }]
    : []
  return {
    tone: state === 'expired' ? ('resolved' as const) : ('neutral' as const),
    headline: `${silenceWord[state]}: ${printMatchers(silence.matchers)}`,
    lines: linesOf(silence.reason, story),
    facts: [...times(currentSpan(silence, now) ?? silence, state), ...repeats, ...author(silence.createdBy)],
    actions: actions(state, recurrence ? undefined : `silence extend ${id} 1h`, `silence expire ${id}`),
  }
}

const maintenanceWord: Record<SilenceState, string> = {
  active: 'In maintenance',
  pending: 'Maintenance planned',
  expired: 'Maintenance is over',
}

function maintenanceParts(maintenance: PlannedMaintenance, story: readonly Announcement[], now: Date) {
  const state = maintenanceState(maintenance, now)
  return {
    tone: state === 'expired' ? ('resolved' as const) : ('neutral' as const),
    headline: `${maintenanceWord[state]}: ${maintenanceName(maintenance)}`,
    lines: linesOf(maintenance.summary ?? '', story),
    facts: [...times(maintenance, state), ...author(maintenance.createdBy ?? { kind: 'clock' })],
    actions: actions(state, undefined, `maintenance end ${shortId(maintenance.id)}`),
  }
}

/** What it keeps quiet, or what is left after its end; the reason first, in the words of whoever gave one. */
function linesOf(reason: string, story: readonly Announcement[]): Line[] {
  const last = story.findLast(({ details }) => (details.count ?? 0) > 0)
  return [...(reason === '' ? [] : [[reason]]), ...(last ? [announcementLine(last)] : [])]
}

function times({ startsAt, endsAt }: { startsAt: Date; endsAt: Date }, state: SilenceState): Fact[] {
  const from: Fact = { label: 'From', value: [{ time: startsAt.toISOString(), style: 'date' }] }
  const until: Fact = {
    label: state === 'expired' ? 'Ended' : 'Until',
    value: [{ time: endsAt.toISOString(), style: 'date' }],
  }
  return state === 'pending' ? [from, until] : [until]
}

function author(actor: ScheduledSilence['createdBy']): Fact[] {
  return [{ label: 'By', value: [actorName(actor)] }]
}

function actions(state: SilenceState, extend: string | undefined, end: string): Action[] {
  if (state === 'expired') return []
  return [
    ...(extend === undefined ? [] : [{ kind: 'button', label: 'One hour more', command: extend } as const]),
    { kind: 'button', label: 'End now', command: end, style: 'danger' },
  ]
}
