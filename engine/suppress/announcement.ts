import type { ContactNotice } from '#engine/message/contact-message.ts'
import type { Line } from '#engine/message/message.ts'
import { type Actor, actorName } from '#engine/person.ts'

/**
 * What can happen to a silence or a maintenance; `tested`: somebody tries out whether people are reached; `told`: a contact is
 * told something that is no incident.
 */
export type AnnouncementKind = 'made' | 'began' | 'changed' | 'ended' | 'tested' | 'told'

export interface Announcement {
  readonly kind: AnnouncementKind
  readonly at: Date
  readonly actor: Actor
  readonly details: AnnouncementDetails
}

export interface AnnouncementDetails {
  /** ISO 8601: when it is over, as it was decided then. */
  readonly until?: string
  /** Numbers of open alerts: those it keeps quiet, or those that still fire after its end; the first few. */
  readonly alerts?: readonly number[]
  /** How many there are in all. */
  readonly count?: number
  /** Of a test: what it is about. */
  readonly about?: string
  /** Of what a contact is told. */
  readonly told?: ContactNotice
}

/** As many numbers as a tired person reads. */
export const mostNamed = 5

/** One line in the thread of the announcement. */
export function announcementLine({ kind, actor, details }: Announcement): Line {
  const who = actor.kind === 'clock' ? [] : [' by ', { strong: actorName(actor) }]
  switch (kind) {
    case 'made':
      return ['Made', ...who, '.', ...named(' It keeps quiet: ', details)]
    case 'began':
      return ['It has begun', ...until(details), '.', ...named(' It keeps quiet: ', details)]
    case 'changed':
      return ['Changed', ...who, ': it lasts', ...until(details), '.']
    case 'ended':
      return [
        'It has ended',
        ...who,
        '.',
        ...(details.count ? named(' Still firing: ', details) : [' Nothing it kept quiet still fires.']),
      ]
    case 'tested':
      return ['Tested', ...who, '.']
    case 'told':
      return ['Told.']
  }
}

function until({ until }: AnnouncementDetails): Line {
  return until === undefined ? [] : [' until ', { time: until, style: 'date' }]
}

function named(before: string, { alerts = [], count = 0 }: AnnouncementDetails): Line {
  if (alerts.length === 0) return []
  const more = count - alerts.length
  return [before, alerts.map((number) => `#${number}`).join(', '), more > 0 ? ` and ${more} more.` : '.']
}
