import { expect, test } from 'vitest'
import { advanceBatch, isUneventful } from '#engine/advance/batch.ts'
import type { Alert } from '#engine/alert.ts'
import type { CheckState, Event } from '#engine/event.ts'
import { defaultNotificationSettings as settings } from '#engine/notify/decide-notification.ts'
import { aCheck, after, aMemory, anAlert, anEvent } from '#test/harness/engine-things.ts'

function decide(events: readonly Event[], open: readonly Alert[] = [], state: CheckState = 'ok') {
  let ids = 0
  return advanceBatch(events, {
    checkOf: (event) => aCheck({ id: event.check, name: event.check, memory: aMemory(state) }),
    openAlertOf: (check) => open.find((alert) => alert.checkId === check.id),
    closedAlertOf: () => undefined,
    now: after(60),
    newId: () => `alert-${++ids}`,
    settings,
  })
}

test('each check goes its own way', () => {
  const outcome = decide([
    anEvent({ check: 'a' }),
    anEvent({ check: 'b', state: 'ok' }),
    anEvent({ check: 'c', state: 'warning' }),
  ])
  expect(outcome.changedChecks.map((check) => check.id)).toEqual(['a', 'c'])
  expect(outcome.changedAlerts.map((alert) => [alert.checkId, alert.severity])).toEqual([
    ['a', 'CRITICAL'],
    ['c', 'WARNING'],
  ])
})

test('the same check twice in a batch: the second event meets what the first one made', () => {
  const outcome = decide([anEvent({ check: 'a', state: 'warning' }), anEvent({ check: 'a' })])
  expect(outcome.changedChecks).toMatchObject([{ id: 'a', memory: { lastChange: { state: 'critical' } } }])
  expect(outcome.changedAlerts).toEqual([expect.objectContaining({ id: 'alert-1', severity: 'CRITICAL' })])
  expect(outcome.happenings.map(({ happening, alert }) => [happening, alert.severity])).toEqual([
    ['fired', 'WARNING'],
    ['severity-rose', 'CRITICAL'],
  ])
})

test('fired, cleared and fired again within a batch are two alerts', () => {
  const outcome = decide(
    ['critical', 'ok', 'critical'].map((state) => anEvent({ check: 'a', state: state as CheckState })),
  )
  expect(outcome.happenings.map(({ happening }) => happening)).toEqual(['fired', 'recovered', 'fired'])
  expect(outcome.changedAlerts.map(({ id, state }) => [id, state])).toEqual([
    ['alert-1', 'RESOLVED'],
    ['alert-2', 'FIRING'],
  ])
})

test('an open alert that clears and fails again in one batch ends, and a new one begins', () => {
  const open = anAlert({ id: 'old', checkId: 'a' })
  const outcome = decide([anEvent({ check: 'a', state: 'ok' }), anEvent({ check: 'a' })], [open], 'critical')
  expect(outcome.changedAlerts.map(({ id, state }) => [id, state])).toEqual([
    ['old', 'RESOLVED'],
    ['alert-1', 'FIRING'],
  ])
})

test('ok where all was ok, and failing on unchanged, is nothing to write', () => {
  expect(
    isUneventful(decide([anEvent({ check: 'a', state: 'ok' }), anEvent({ check: 'b', state: 'ok' })])),
  ).toBe(true)
  expect(isUneventful(decide([anEvent({ check: 'a' })], [anAlert({ checkId: 'a' })], 'critical'))).toBe(true)
  expect(isUneventful(decide([]))).toBe(true)
  expect(isUneventful(decide([anEvent({ check: 'a' })]))).toBe(false)
})
