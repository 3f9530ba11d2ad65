import { performance } from 'node:perf_hooks'
import { type Database, openMemory } from '#db/client.ts'
import { startEmbeddedPostgres } from '#db/embedded.ts'
import { migrateDatabase } from '#db/migrate.ts'
import { recordSet } from '#db/record-set.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { ensureFirstEnvironment, firstEnvironment } from '#db/repositories/environments.ts'
import { contactLinks, contacts, media, notificationRules } from '#db/schema/contacts.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { arrivedEvent, type CheckState, type Event } from '#engine/event.ts'
import { readFlapjackEvent } from '#engine/intake/flapjack.ts'
import { readRule } from '#engine/route/read-rule.ts'
import { takeIn } from '#workers/processors/take-in.ts'
import { type Figure, figure, toMarkdown } from './figures.ts'
import { inFreshFolder } from './product.ts'

const contactCount = 1000
const checkCount = 10_000
const batchSize = 1000
const rounds = 6

/** Through the real processor on a real database. */
const cases = {
  unchanged: {
    what: 'events that change no state',
    aim: 30_000,
    delay: 0,
    states: ['critical', 'critical'],
  },
  changing: {
    what: 'events that change state, before their delay is over',
    aim: 10_000,
    delay: 3600,
    states: ['critical', 'ok'],
  },
  telling: {
    what: 'events that change state, each told to the chat and to contacts',
    aim: 10_000,
    delay: 0,
    states: ['critical', 'ok'],
  },
} as const satisfies Record<string, Case>

interface Case {
  readonly what: string
  readonly aim: number
  readonly delay: number
  /** Of every check, round after round. */
  readonly states: readonly [CheckState, CheckState]
}

export const eventParts = Object.keys(cases) as readonly (keyof typeof cases)[]

export async function events(only: readonly string[]): Promise<string> {
  const figures: Figure[] = []
  for (const part of eventParts.filter((part) => only.includes(part))) {
    console.error(`Measuring ${part} …`)
    figures.push(await inFreshFolder((folder) => measure(folder, cases[part])))
  }
  return toMarkdown(figures)
}

async function measure(folder: string, one: Case): Promise<Figure> {
  const server = await startEmbeddedPostgres({ folder })
  try {
    await migrateDatabase(server.url)
    const memory = openMemory({ url: server.url, name: 'tocsin-bench', connections: 4 })
    try {
      await furnish(memory.db)
      return await run(memory.db, one)
    } finally {
      await memory.close()
    }
  } finally {
    await server.stop()
  }
}

/** All at once: seven thousand changes one by one would take longer than what is measured. */
async function furnish(db: Database): Promise<void> {
  await ensureFirstEnvironment(db)
  await rememberDestination(db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
  const numbers = Array.from({ length: contactCount }, (_, index) => index)
  await db.insert(contacts).select(
    recordSet(
      contacts,
      numbers.map((index) => ({ id: nameOf(index), timezone: 'Europe/Berlin' })),
    ),
  )
  await db.insert(media).select(recordSet(media, numbers.flatMap(mediaOf)))
  await db.insert(notificationRules).select(recordSet(notificationRules, numbers.flatMap(ruleRowsOf)))
  const links = numbers.map((index) => ({
    contactId: nameOf(index),
    leadsTo: 'entity' as const,
    subject: hostOf(index),
  }))
  await db.insert(contactLinks).values(links)
}

function nameOf(index: number): string {
  return `contact-${index}`
}

function hostOf(index: number): string {
  return `host-${index}.example.org`
}

function mediaOf(index: number): (typeof media.$inferInsert)[] {
  return ['email', 'sms'].map((name, position) => ({
    contactId: nameOf(index),
    name,
    position,
    address: `${name} ${index}`,
    intervalSeconds: 900,
  }))
}

function ruleRowsOf(index: number): (typeof notificationRules.$inferInsert)[] {
  const contactId = nameOf(index)
  return rulesOf(index).map((body, number) => {
    const reading = readRule({ ...body, warning_media: ['email'], critical_media: ['email', 'sms'] })
    if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems))
    return { id: `${contactId}-${number}`, contactId, definition: reading.rule }
  })
}

function rulesOf(index: number): readonly Readonly<Record<string, unknown>>[] {
  return [
    {},
    { entities: [hostOf(index)] },
    { tags: [`team-${index % 50}`, 'database'] },
    { regex_tags: [`^rack-${index % 100}$`] },
    { regex_entities: [`^host-${index}\\.`], tags: ['disk'] },
  ]
}

async function run(db: Database, { what, aim, delay, states }: Case): Promise<Figure> {
  const start = Date.UTC(2026, 0, 1)
  const [first, second] = states
  // Two rounds that are not measured: checks are made, code and plans are warm.
  await round(db, { state: 'ok', delay, at: start })
  await round(db, { state: first, delay, at: start + 1000 })
  const began = performance.now()
  for (let index = 0; index < rounds; index++) {
    await round(db, { state: index % 2 === 0 ? second : first, delay, at: start + 2000 + index * 1000 })
  }
  const perSecond = (rounds * checkCount) / ((performance.now() - began) / 1000)
  const text = `${Math.round(perSecond).toLocaleString('en')} events/s (${(perSecond / aim).toFixed(2)} × the aim)`
  return figure(what, text, { text: `≥ ${aim.toLocaleString('en')}/s`, met: perSecond >= aim })
}

/** As Flapjack, which knows no flapping: every turn of a round is decided by itself. */
const settings = { ...defaultDecisionSettings, flapping: null }

interface Round {
  readonly state: CheckState
  readonly delay: number
  readonly at: number
}

async function round(db: Database, { state, delay, at }: Round): Promise<void> {
  for (let from = 0; from < checkCount; from += batchSize) {
    const batch = Array.from({ length: batchSize }, (_, index) => eventOf(from + index, state, delay))
    await takeIn(db, batch, new Date(at), settings)
  }
}

function eventOf(number: number, state: CheckState, delay: number): Event {
  const host = number % contactCount
  const reading = readFlapjackEvent({
    type: 'service',
    state,
    entity: hostOf(host),
    check: `check ${Math.floor(number / contactCount)}`,
    summary: `it is ${state}`,
    tags: [`rack-${host % 100}`, 'database'],
    initial_failure_delay: delay,
    repeat_failure_delay: 3600,
  })
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems))
  return arrivedEvent(reading.event, firstEnvironment.slug)
}
