import { randomUUID } from 'node:crypto'
import { queueAnnouncements } from '#db/repositories/announcements.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadRouting } from '#db/repositories/routing.ts'
import type { Answer } from '#engine/command/answer.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { arrivedEvent, checkKey } from '#engine/event.ts'
import { message } from '#engine/message/message.ts'
import { asActor, type Person } from '#engine/person.ts'
import { contactCard, contactList } from '#engine/view/contacts.ts'
import type { Desk } from './desk.ts'
import { readSubject } from './explain.ts'

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
