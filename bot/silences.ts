import { randomUUID } from 'node:crypto'
import type { Database } from '#db/client.ts'
import { changeSilence } from '#db/repositories/change-silence.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadStories } from '#db/repositories/stories.ts'
import { findSilencesByPrefix, listSilencePage } from '#db/repositories/silences.ts'
import type { Answer } from '#engine/command/answer.ts'
import type { Clauses } from '#engine/command/clauses.ts'
import { worstAlert } from '#engine/incident/incident.ts'
import { printMatchers } from '#engine/matcher-text.ts'
import { message } from '#engine/message/message.ts'
import { asActor, type Person } from '#engine/person.ts'
import { noEnd } from '#engine/suppress/silence-draft.ts'
import {
  expireSilence,
  extendSilence,
  placeSilence,
  type ScheduledSilence,
  type SilenceChange,
} from '#engine/suppress/silence-schedule.ts'
import { type ClauseProblem, readSilenceWords } from '#engine/suppress/silence-words.ts'
import { shortId } from '#engine/view/short-id.ts'
import { silenceList, silencesPerPage, when } from '#engine/view/silence-list.ts'
import type { Desk } from './desk.ts'

const environment = firstEnvironment.slug

export async function listSilencesOf({ db, clock }: Desk): Promise<Answer> {
  const now = clock()
  const page = await listSilencePage(db, { environment, now, limit: silencesPerPage, over: false })
  const { silences, next } = page
  const names = await namesOf(db, silences, now)
  return { kind: 'message', message: silenceList({ silences, names, hasMore: next !== undefined }, now) }
}

/** By id. Whoever made one from an alert knows it by that, and not by the id of its check. */
async function namesOf(
  db: Database,
  silences: readonly ScheduledSilence[],
  now: Date,
): Promise<ReadonlyMap<string, string>> {
  const stories = await loadStories(
    db,
    silences.flatMap(({ incidentId }) => incidentId ?? []),
    now,
  )
  return new Map(
    silences.map((silence) => {
      const incident = stories.get(silence.incidentId ?? '')?.incident
      const name = incident && `#${incident.number} ${worstAlert(incident).title}`
      return [silence.id, name ?? printMatchers(silence.matchers)]
    }),
  )
}

/** What is wrong with the words, or the silence made. */
export async function makeSilence(
  desk: Desk,
  clauses: Clauses,
  person: Person,
): Promise<Answer | ClauseProblem> {
  const now = desk.clock()
  const read = readSilenceWords(clauses, { now, zone: desk.zone })
  if ('problem' in read) return read
  const createdBy = asActor(person)
  const wish = { ...read.wish, createdBy }
  const moment = { environment, now, newId: randomUUID, names: 'utf8' as const }
  const decide = () => placeSilence(wish, undefined, moment)
  const outcome = await changeSilence(desk.db, undefined, decide, { now, by: createdBy })
  return tell(desk, outcome, 'Silenced')
}

interface SilenceOrder {
  /** The beginning of an id. */
  readonly id: string
  readonly person: Person
}

export function extendSilenceBy(desk: Desk, order: SilenceOrder, seconds: number): Promise<Answer> {
  return changeOne(desk, order, 'Lasts longer', (silence, now) =>
    silence.endsAt < noEnd
      ? extendSilence(silence, new Date(silence.endsAt.getTime() + seconds * 1000), now)
      : {
          kind: 'refused',
          because: 'This silence repeats until somebody ends it: there is nothing to extend.',
        },
  )
}

export function endSilence(desk: Desk, order: SilenceOrder): Promise<Answer> {
  return changeOne(desk, order, 'No longer silenced', expireSilence)
}

async function changeOne(
  desk: Desk,
  { id, person }: SilenceOrder,
  headline: string,
  decide: (silence: ScheduledSilence, now: Date) => SilenceChange,
): Promise<Answer> {
  const now = desk.clock()
  const [found, another] = await findSilencesByPrefix(desk.db, environment, { prefix: id, now })
  if (!found)
    return {
      kind: 'refused',
      because: `No silence that is not over has an id that begins with ${id.slice(0, 40)}. See silences.`,
    }
  if (another) return { kind: 'refused', because: `More than one id begins with ${id}: give more of it.` }
  const by = asActor(person)
  const outcome = await changeSilence(desk.db, found.id, (known) => decide(known ?? found, now), { now, by })
  return tell(desk, outcome, headline)
}

async function tell(
  desk: Desk,
  { change, notificationIds }: Awaited<ReturnType<typeof changeSilence>>,
  headline: string,
): Promise<Answer> {
  await desk.announce(notificationIds)
  if (change.kind !== 'changed') return { kind: 'refused', because: change.because }
  const { silence } = change
  const now = desk.clock()
  const isOver = silence.endsAt <= now
  const names = await namesOf(desk.db, [silence], now)
  return {
    kind: 'message',
    message: message({
      headline: `${headline}: ${names.get(silence.id)}`,
      lines: isOver ? [] : [when(silence, now)],
      notes: [['Silence ', { code: shortId(silence.id) }, '.']],
    }),
  }
}
