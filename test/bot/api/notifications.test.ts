import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { saveOutcomes } from '#db/repositories/outcomes.ts'
import { alerts } from '#db/schema/alerts.ts'
import { notifications } from '#db/schema/notifications.ts'
import { type ApiHouse, startApiHouse } from '#test/harness/api-house.ts'
import { after, anEvent } from '#test/harness/engine-things.ts'
import { openStopWatch } from '#workers/delivery/stop-watch.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let house: ApiHouse
let alertId: string
let notificationId: string

beforeAll(async () => {
  house = await startApiHouse()
  const { db } = house.desk
  await rememberDestination(db, { surface: 'slack', key: 'C1', name: '#ops', address: {} })
  const { notificationIds } = await takeIn(db, [anEvent({ check: 'told' })], after(100))
  notificationId = notificationIds[0] ?? ''
  const [alert] = await db
    .select()
    .from(alerts)
    .where(eq(alerts.startedAt, after(100)))
  alertId = alert?.id ?? ''
  const attempt = { at: after(101).toISOString(), outcome: 'failed', status: 403, durationMs: 7 } as const
  const outcome = { notificationId, state: 'FAILED', error: 'It answered 403.' } as const
  await saveOutcomes(db, { outcomes: [{ ...outcome, attempt: { ...attempt, snippet: 'no' } }] }, after(101))
})
afterAll(() => house.close())

test('everything that was to be said of an alert is listed with what became of it', async () => {
  const { status, body } = await house.get(`/api/v1/environments/prod/alerts/${alertId}/notifications`)
  expect(status).toBe(200)
  expect(body).toEqual({
    notifications: [
      {
        id: notificationId,
        destination: { surface: 'slack', name: '#ops' },
        reason: 'first',
        status: 'FAILED',
        attempts: 1,
        nextAttemptAt: null,
        lastResponseStatus: 403,
        lastResponseSnippet: 'no',
        lastError: 'It answered 403.',
        createdAt: after(100).toISOString(),
        settledAt: after(101).toISOString(),
        log: [{ at: after(101).toISOString(), outcome: 'failed', status: 403, durationMs: 7, snippet: 'no' }],
      },
    ],
  })
})

test('they are counted by what became of them, and what waits by how long', async () => {
  const { body } = await house.get('/metrics')
  expect(body).toContain('alerting_notifications_total{status="FAILED"} 1')
  expect(body).toContain('alerting_outbox_depth{surface="slack"} 0')
  expect(body).toContain('alerting_outbox_age_seconds{surface="slack"} 0')
})

test('how long those took that were told is counted by all processes together', async () => {
  const { db, log } = house.desk
  const watches = [openStopWatch({ db, log }), openStopWatch({ db, log })]
  for (const [index, watch] of watches.entries()) {
    for (const seconds of [0.02, 0.2, 40]) watch.took('webhook', seconds * (index + 1))
    watch.took('email', 3)
  }
  for (const watch of watches) await watch.close()
  const { body } = await house.get('/metrics')
  const name = 'alerting_webhook_delivery_duration_seconds'
  expect(body).toContain(`# TYPE ${name} histogram`)
  for (const [bound, count] of [
    ['0.01', 0],
    ['0.025', 1],
    ['0.05', 2],
    ['0.25', 3],
    ['0.5', 4],
    ['30', 4],
    ['+Inf', 6],
  ])
    expect(body).toContain(`${name}_bucket{le="${bound}"} ${count}\n`)
  expect(body).toContain(`${name}_count 6`)
  expect(body).toMatch(new RegExp(`^${name}_sum 120\\.66`, 'm'))
  expect(body).toContain('alerting_delivery_duration_seconds_bucket{le="2.5",surface="email"} 0')
  expect(body).toContain('alerting_delivery_duration_seconds_count{surface="email"} 2')
})

test('every metric that is promised is there', async () => {
  const { body } = await house.get('/metrics')
  for (const name of [
    'alerting_eval_errors_total',
    'alerting_eval_duration_seconds',
    'alerting_circuit_opened_total',
    'alerting_notifications_total',
    'alerting_webhook_delivery_duration_seconds',
    'alerting_rules_total',
    'alerting_instances_total',
  ])
    expect(body).toContain(`# TYPE ${name} `)
})

test('what failed is tried again when asked for, once', async () => {
  const retry = (id: string) => house.post(`/api/v1/alerts/notifications/${id}/retry`, {})
  expect(await retry(notificationId)).toEqual({ status: 202, body: { id: notificationId } })
  const [row] = await house.desk.db.select().from(notifications).where(eq(notifications.id, notificationId))
  expect(row).toMatchObject({ state: 'PENDING', notBefore: after(600), settledAt: null, attempts: 1 })
  expect(await retry(notificationId)).toMatchObject({
    status: 409,
    body: { error: 'It is PENDING; only what FAILED can be tried again.' },
  })
})

test.each([
  ['/api/v1/environments/prod/alerts/00000000-0000-4000-8000-000000000000/notifications', 404],
  ['/api/v1/environments/nowhere/alerts/00000000-0000-4000-8000-000000000000/notifications', 404],
  ['/api/v1/environments/prod/alerts/nonsense/notifications', 400],
])('GET %s: %i', async (path, status) => {
  expect((await house.get(path)).status).toBe(status)
})

test('a notification that is not there cannot be tried again', async () => {
  const path = '/api/v1/alerts/notifications/00000000-0000-4000-8000-000000000000/retry'
  expect((await house.post(path, {})).status).toBe(404)
})
