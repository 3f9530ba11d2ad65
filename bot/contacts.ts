import { randomUUID } from 'node:crypto'
import { queueAnnouncements } from '#db/repositories/announcements.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import { findCheck, listOpenAlertsOf } from '#db/repositories/checks.ts'
import { listReceivers } from '#db/repositories/destinations.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadRouting } from '#db/repositories/routing.ts'
import { loadSuppressions } from '#db/repositories/suppressions.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { arrivedEvent, checkKey } from '#engine/event.ts'
import { eventTags } from '#engine/event-tags.ts'
import { type Line, message } from '#engine/message/message.ts'
import { worstFailing } from '#engine/notify/severity.ts'
import { asActor, type Person } from '#engine/person.ts'
import { explainRouting } from '#engine/route/explain.ts'
import type { Suppression } from '#engine/suppress/suppression.ts'
import { contactCard, contactList, whoHears } from '#engine/view/contacts.ts'
import type { Desk } from './desk.ts'

const environment = firstEnvironment.slug

export async function listContacts({ db, settings }: Desk): Promise<Answer> {
  return { kind: 'message', message: contactList(await loadRouting(db, settings.routing)) }
}

export async function showContact({ db, settings }: Desk, id: string): Promise<Answer> {
  const routing = await loadRouting(db, settings.routing)
  const listener = routing.listeners.get(id)
  if (!listener)
    return { kind: 'refused', because: `There is no contact "${id.slice(0, 80)}". See contacts.` }
  return { kind: 'message', message: contactCard(listener, routing) }
}

interface Named {
  readonly entity: string
  readonly check: string
}

/** Flapjack's own: a check that is not named is called `test`. */
function readSubject(text: string): Named {
  const colon = text.indexOf(':')
  if (colon < 0) return { entity: text, check: 'test' }
  return { entity: text.slice(0, colon), check: text.slice(colon + 1) || 'test' }
}

/** Of a check that is well it is asked what would happen were it critical. */
export async function explainWho(desk: Desk, text: string): Promise<Answer> {
  const { db, settings } = desk
  const now = desk.clock()
  const named = readSubject(text)
  const key = checkKey(named)
  const known = await findCheck(db, environment, key)
  const [alert] = known ? await listOpenAlertsOf(db, [known.id]) : []
  const routing = await loadRouting(db, settings.routing)
  const posted = Object.entries(alert?.labels ?? {}).map(([name, value]) => `${name}=${value}`)
  const subject = {
    checkKey: key,
    entity: named.entity.toLowerCase(),
    tags: eventTags({ ...named, tags: posted }),
  }
  const severity = severityOf(known)
  const hearing = {
    checkKey: key,
    severity,
    isUnseen: !known,
    quiet: await quietOf(desk, known, alert),
    chats: await listReceivers(db),
    contacts: explainRouting(routing, subject, severity, epochSeconds(now)),
  }
  return { kind: 'message', message: whoHears(hearing) }
}

function severityOf(check: Check | undefined) {
  const state = check?.memory.lastChange?.state ?? 'ok'
  return state === 'ok' ? 'critical' : worstFailing(state, check?.memory.notified.worstSinceRecovery ?? null)
}

async function quietOf(desk: Desk, check: Check | undefined, alert: Alert | undefined): Promise<Line[]> {
  if (!check) return []
  const now = desk.clock()
  const seconds = epochSeconds(now)
  const window = check.memory.scheduled.find(
    ({ startsAt, endsAt }) => startsAt <= seconds && seconds < endsAt,
  )
  const suppression = alert && (await loadSuppressions(desk.db, [alert], now)).get(alert.id)
  return [
    ...(window ? [['In maintenance until ', date(new Date(window.endsAt * 1000)), '.']] : []),
    ...(suppression ? [quiet(suppression)] : []),
    ...(alert?.acknowledgedAt ? [['Acknowledged: reminders have stopped.']] : []),
  ]
}

function quiet(suppression: Suppression): Line {
  if (suppression.kind === 'silence') return ['The chats are silenced until ', date(suppression.until), '.']
  return [`The chats are kept quiet while "${suppression.inhibitor.title}" fires.`]
}

function date(at: Date) {
  return { time: at.toISOString(), style: 'date' } as const
}

/** To every chat and, by its rules, to every contact of the check. */
export async function sendTest(desk: Desk, text: string, person: Person): Promise<Answer> {
  const now = desk.clock()
  const named = readSubject(text)
  const subject = {
    ...named,
    checkKey: checkKey(named),
    summary: `A test, asked for by ${person.name}`,
    details: null,
    tags: [],
    observedAt: epochSeconds(now),
  }
  const event = arrivedEvent({ ...subject, kind: 'test' }, environment)
  const notificationIds = await desk.db.transaction(async (tx) => {
    await acceptBatch(tx, { source: 'events', items: [event] }, { environment, receivedAt: now })
    return queueAnnouncements(
      tx,
      [
        {
          environment,
          subject: `test/${randomUUID()}`,
          kind: 'tested',
          at: now,
          actor: asActor(person),
          details: { about: subject.checkKey },
        },
      ],
      now,
    )
  })
  await desk.announce(notificationIds)
  return {
    kind: 'message',
    message: message({
      headline: `A test is on its way: ${subject.checkKey}`,
      lines: [['Every chat shows it in a moment; contacts are told by their rules.']],
    }),
  }
}
