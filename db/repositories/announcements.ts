import { randomUUID } from 'node:crypto'
import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { isChat } from './destinations.ts'
import { recordSet } from '#db/record-set.ts'
import { destinations, announcementReceipts, notifications } from '#db/schema/notifications.ts'
import { announcements } from '#db/schema/suppressions.ts'
import type { Announcement } from '#engine/suppress/announcement.ts'
import type { Receipt } from './notifications.ts'

export interface NewAnnouncement extends Announcement {
  /** It is told however many others are: whoever silences everything cannot hide that behind ten small silences. */
  readonly alwaysTold?: boolean
  readonly environment: string
  readonly subject: string
}

/** Whoever imports ten thousand silences does not want them read out; `silences` lists them. */
const mostAMinute = 10

/**
 * A announcement for every destination: what is made is announced everywhere, what happens to it later only where it was.
 * The ids of the notifications are to be announced once the transaction is through.
 */
export async function queueAnnouncements(
  db: Database,
  fresh: readonly NewAnnouncement[],
  now: Date,
): Promise<string[]> {
  const told = await withinReason(db, fresh, now)
  const audience = await listAudience(db, told)
  const heard = told
    .map((announcement) => ({ ...announcement, id: randomUUID() }))
    .filter((announcement) => (audience.get(audienceKey(announcement)) ?? []).length > 0)
  if (heard.length === 0) return []
  const rows = heard.flatMap((announcement) =>
    (audience.get(audienceKey(announcement)) ?? []).map((destinationId) => ({
      id: randomUUID(),
      announcementId: announcement.id,
      destinationId,
      reason: 'announcement' as const,
      state: 'PENDING' as const,
      attempts: 0,
      notBefore: now,
      createdAt: now,
    })),
  )
  await db.insert(announcements).select(recordSet(announcements, heard))
  await db.insert(notifications).select(recordSet(notifications, rows))
  return rows.map((row) => row.id)
}

function isFirst({ kind }: Announcement): boolean {
  return kind === 'made' || kind === 'tested'
}

async function withinReason(
  db: Database,
  fresh: readonly NewAnnouncement[],
  now: Date,
): Promise<NewAnnouncement[]> {
  const made = fresh.filter(isFirst)
  const [environment] = new Set(made.map((announcement) => announcement.environment))
  if (environment === undefined) return [...fresh]
  const lately = new Date(now.getTime() - 60_000)
  const recent = await db.$count(
    announcements,
    and(
      eq(announcements.environment, environment),
      gt(announcements.at, lately),
      inArray(announcements.kind, ['made', 'tested']),
    ),
  )
  const left = new Set(made.slice(0, Math.max(0, mostAMinute - recent)))
  return fresh.filter(
    (announcement) => !isFirst(announcement) || announcement.alwaysTold === true || left.has(announcement),
  )
}

const everywhere = ''

function audienceKey(announcement: NewAnnouncement): string {
  return isFirst(announcement) ? everywhere : announcement.subject
}

/** Ids of active destinations, by subject. */
async function listAudience(
  db: Database,
  fresh: readonly NewAnnouncement[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const subjects = fresh.filter((announcement) => !isFirst(announcement)).map(({ subject }) => subject)
  const [active, before] = await Promise.all([
    fresh.some(isFirst)
      ? db
          .select({ id: destinations.id })
          .from(destinations)
          .where(and(eq(destinations.active, true), isChat()))
      : [],
    subjects.length === 0
      ? []
      : db
          .selectDistinct({ id: destinations.id, subject: announcements.subject })
          .from(notifications)
          .innerJoin(announcements, eq(announcements.id, notifications.announcementId))
          .innerJoin(destinations, eq(destinations.id, notifications.destinationId))
          .where(and(eq(destinations.active, true), inArray(announcements.subject, subjects))),
  ])
  const audience = Map.groupBy(before, ({ subject }) => subject)
  return new Map([
    [everywhere, active.map(({ id }) => id)],
    ...[...audience].map(([subject, rows]) => [subject, rows.map(({ id }) => id)] as const),
  ])
}

type AnnouncementNotification = typeof notifications.$inferSelect & { readonly announcement: Announcement }

export interface AnnouncementParcel {
  readonly subject: string
  readonly destination: typeof destinations.$inferSelect
  /** Oldest first. */
  readonly unsaid: readonly AnnouncementNotification[]
  /** Everything that happened to the subject, oldest first. */
  readonly story: readonly (Announcement & { readonly environment: string })[]
  readonly receipt: Receipt | undefined
}

/** As `loadParcels`, for the subject of an announcement; undefined: nothing is left to say. */
export async function findAnnouncementParcel(
  db: Database,
  { subject, destinationId }: { readonly subject: string; readonly destinationId: string },
): Promise<AnnouncementParcel | undefined> {
  const ofSubject = eq(announcements.subject, subject)
  const [unsaid, story, [destination], [kept]] = await Promise.all([
    db
      .select({ notification: notifications, announcement: announcements })
      .from(notifications)
      .innerJoin(announcements, eq(announcements.id, notifications.announcementId))
      .where(
        and(ofSubject, eq(notifications.destinationId, destinationId), eq(notifications.state, 'PENDING')),
      )
      .orderBy(asc(announcements.at), asc(notifications.createdAt)),
    db.select().from(announcements).where(ofSubject).orderBy(asc(announcements.at)),
    db.select().from(destinations).where(eq(destinations.id, destinationId)),
    db
      .select()
      .from(announcementReceipts)
      .where(
        and(eq(announcementReceipts.subject, subject), eq(announcementReceipts.destinationId, destinationId)),
      ),
  ])
  if (!destination || unsaid.length === 0) return undefined
  return {
    subject,
    destination,
    unsaid: unsaid.map((row) => ({ ...row.notification, announcement: row.announcement })),
    story,
    receipt: kept?.receipt,
  }
}
