import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import { changeSilence } from '#db/repositories/change-silence.ts'
import { findSilence, listSilencePage, type SilenceCursor } from '#db/repositories/silences.ts'
import { type Caller, inNameOf } from '#engine/api-access.ts'
import { printMatcher } from '#engine/matcher-text.ts'
import { type Actor, actorName } from '#engine/person.ts'
import { noEnd, readExtension, readSilenceDraft } from '#engine/suppress/silence-draft.ts'
import {
  currentSpan,
  expireSilence,
  extendSilence,
  placeSilence,
  type ScheduledSilence,
  type SilenceChange,
  silenceState,
} from '#engine/suppress/silence-schedule.ts'
import { theApi } from './directory/directory-body.ts'
import { environmentOf, type Place, places } from './place.ts'
import { Invalid, problemSchema } from './problem.ts'

const spanSchema = z.object({ startsAt: z.iso.datetime(), endsAt: z.iso.datetime() })

const silenceSchema = z.object({
  id: z.uuid(),
  state: z.enum(['active', 'pending', 'expired']),
  matchers: z.array(z.string()),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime().nullable().describe('null: it repeats until somebody ends it'),
  span: spanSchema.nullable().describe('The time it is in force for, or the next one'),
  recurrence: z.object({ cron: z.string(), zone: z.string(), durationSeconds: z.number().int() }).nullable(),
  reason: z.string(),
  createdBy: z.string(),
  updatedAt: z.iso.datetime(),
})

const listShape = z.object({
  state: z
    .enum(['active', 'pending', 'expired'], 'state is active, pending or expired.')
    .optional()
    .describe('Without it: active and pending'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional().describe('nextCursor of the page before'),
})

const answers = { 400: problemSchema, 404: problemSchema }

/** `/api/v1/silences`, and the same below an environment, as the guide writes it. */
export function serveSilences(app: FastifyInstance, desk: Desk): void {
  for (const place of places('silences')) {
    serveMany(app, desk, place)
    serveOne(app, desk, place)
    serveChanges(app, desk, place)
  }
}

function serveMany(app: FastifyInstance, desk: Desk, { path, params, hide }: Place): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    path,
    {
      schema: {
        hide,
        summary: 'List silences, those that end first first',
        params,
        querystring: listShape,
        response: {
          200: z.object({ silences: z.array(silenceSchema), nextCursor: z.string().nullable() }),
          ...answers,
        },
      },
    },
    async ({ params: at, query: { state, limit, cursor } }) => {
      const now = desk.clock()
      const environment = await environmentOf(desk.db, at)
      const after = cursor === undefined ? undefined : readCursor(cursor)
      const page = await listSilencePage(desk.db, {
        environment,
        now,
        limit,
        over: state === 'expired',
        ...(after && { after }),
      })
      const wanted = page.silences.filter((one) => !state || silenceState(one, now) === state)
      return {
        silences: wanted.map((one) => present(one, now)),
        nextCursor: page.next ? writeCursor(page.next) : null,
      }
    },
  )
  api.post(
    path,
    {
      schema: {
        hide,
        summary: 'Keep alerts quiet for a while: by rule, severity and app, or by labels',
        params,
        body: z.unknown(),
        response: { 201: silenceSchema, ...answers },
      },
    },
    async (request, reply) => {
      const { params: at, body } = request
      const environment = await environmentOf(desk.db, at)
      const by = callerOf(request)
      return reply.code(201).send(await place(desk, { environment, body, by }))
    },
  )
}

function serveOne(app: FastifyInstance, desk: Desk, { path, params, hide }: Place): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  const one = params.extend({ id: idSchema })
  api.get(
    `${path}/:id`,
    { schema: { hide, summary: 'One silence', params: one, response: { 200: silenceSchema, ...answers } } },
    async ({ params: at }) => {
      const silence = await findSilence(desk.db, at.id)
      const environment = await environmentOf(desk.db, at)
      return present(known(silence, { environment, id: at.id }), desk.clock())
    },
  )
  api.put(
    `${path}/:id`,
    {
      schema: {
        hide,
        summary: 'Change a silence; with other matchers it ends, and a new one takes its place',
        params: one,
        body: z.unknown(),
        response: { 200: silenceSchema, ...answers },
      },
    },
    async (request) => {
      const { params: at, body } = request
      const environment = await environmentOf(desk.db, at)
      return place(desk, { environment, body, id: at.id, by: callerOf(request) })
    },
  )
}

function serveChanges(app: FastifyInstance, desk: Desk, { path, params, hide }: Place): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  const one = params.extend({ id: idSchema })
  api.post(
    `${path}/:id/extend`,
    {
      schema: {
        hide,
        summary: 'Let a silence last longer',
        params: one,
        body: z.unknown(),
        response: { 200: silenceSchema, ...answers },
      },
    },
    async (request) => {
      const { params: at, body } = request
      const read = readExtension(body)
      if ('problems' in read) throw new Invalid('This silence cannot be extended.', read.problems)
      const environment = await environmentOf(desk.db, at)
      const by = inNameOf(theApi, callerOf(request))
      const order = { environment, id: at.id, by, field: 'endsAt' }
      return change(desk, order, (silence, now) => extendSilence(silence, read.until(silence.endsAt), now))
    },
  )
  api.delete(
    `${path}/:id`,
    {
      schema: {
        hide,
        summary: 'End a silence now',
        params: one,
        response: { 200: silenceSchema, ...answers },
      },
    },
    async (request) => {
      const { params: at } = request
      const environment = await environmentOf(desk.db, at)
      const order = { environment, id: at.id, by: inNameOf(theApi, callerOf(request)), field: 'id' }
      return change(desk, order, expireSilence)
    },
  )
}

const idSchema = z.uuid('The id of a silence is a UUID.')

interface Order {
  readonly environment: string
  readonly id: string
  readonly by: Actor
  /** Whose problem a refusal is. */
  readonly field: string
}

type Decide = (silence: ScheduledSilence, now: Date) => SilenceChange

async function change(desk: Desk, { environment, id, by, field }: Order, decide: Decide) {
  const now = desk.clock()
  const outcome = await changeSilence(
    desk.db,
    id,
    (silence) => decide(known(silence, { environment, id }), now),
    { now, by },
  )
  await desk.announce(outcome.notificationIds)
  return present(silenceOf(outcome.change, field), now)
}

async function place(desk: Desk, order: { environment: string; body: unknown; id?: string; by: Caller }) {
  const { environment, body, id, by } = order
  const now = desk.clock()
  const read = readSilenceDraft(body, now)
  if ('problems' in read) throw new Invalid('This silence cannot work.', read.problems)
  const wish = { ...read.wish, createdBy: inNameOf(read.wish.createdBy, by) }
  const moment = { environment, now, newId: randomUUID, names: 'utf8' as const }
  const decide = (silence: ScheduledSilence | undefined) =>
    id === undefined
      ? placeSilence(wish, undefined, moment)
      : placeSilence({ ...wish, id }, known(silence, { environment, id }), moment)
  const outcome = await changeSilence(desk.db, id, decide, { now, by: wish.createdBy })
  await desk.announce(outcome.notificationIds)
  return present(silenceOf(outcome.change, 'body'), now)
}

function known(
  silence: ScheduledSilence | undefined,
  { environment, id }: { environment: string; id: string },
): ScheduledSilence {
  if (silence?.environment !== environment) throw new NotFound(`silence ${id}`)
  return silence
}

function silenceOf(outcome: SilenceChange, field: string): ScheduledSilence {
  if (outcome.kind === 'changed') return outcome.silence
  throw new Invalid('That cannot be done.', [{ field, problem: outcome.because }])
}

function present(silence: ScheduledSilence, now: Date): z.infer<typeof silenceSchema> {
  const { id, matchers, startsAt, endsAt, recurrence, reason, createdBy, updatedAt } = silence
  const span = currentSpan(silence, now)
  return {
    id,
    state: silenceState(silence, now),
    matchers: matchers.map(printMatcher),
    startsAt: startsAt.toISOString(),
    endsAt: endsAt < noEnd ? endsAt.toISOString() : null,
    span: span ? { startsAt: span.startsAt.toISOString(), endsAt: span.endsAt.toISOString() } : null,
    recurrence: recurrence ?? null,
    reason,
    createdBy: actorName(createdBy),
    updatedAt: updatedAt.toISOString(),
  }
}

const cursorShape = z.tuple([z.iso.datetime(), z.uuid()])

function writeCursor({ endsAt, id }: SilenceCursor): string {
  return Buffer.from(JSON.stringify([endsAt.toISOString(), id])).toString('base64url')
}

function readCursor(cursor: string): SilenceCursor {
  try {
    const [endsAt, id] = cursorShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return { endsAt: new Date(endsAt), id }
  } catch {
    throw new Invalid('The cursor cannot be read.', [
      { field: 'cursor', problem: 'Use nextCursor of the page before, unchanged.' },
    ])
  }
}
