import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CheckEvent } from '#engine/event.ts'
import { decideAlerts } from '#engine/notify/decide-alerts.ts'
import { defaultNotificationSettings } from '#engine/notify/decide-notification.ts'
import { openLedger } from '#engine/notify/ledger.ts'
import { route } from '#engine/route/route.ts'
import { acknowledgement, CheckStory, service, tryOut } from '#test/harness/check-story.ts'
import { contact, medium, routing, rule } from '#test/harness/routing-things.ts'

const { initialFailureDelaySeconds, repeatFailureDelaySeconds } = defaultNotificationSettings

const states = fc.constantFrom('ok', 'ok', 'info', 'warning', 'critical', 'unknown')
const serviceEvent = states.map((state) => service(state))
const anyEvent: fc.Arbitrary<CheckEvent> = fc.oneof(
  { weight: 8, arbitrary: serviceEvent },
  { weight: 1, arbitrary: fc.constant(acknowledgement(90)) },
  { weight: 1, arbitrary: fc.constant(tryOut) },
)
const pause = fc.constantFrom(0, 0, 1, 10, 29, 30, 60, 100)

/** Whatever is delivered late, twice or in another order arrives as some sequence with some pauses: all of them are tried. */
function arrivals(event: fc.Arbitrary<CheckEvent>) {
  return fc.array(fc.tuple(pause, event), { maxLength: 60 }).map((steps) => {
    let now = 1000
    return steps.map(([wait, event]) => ({ now: (now += wait), event }))
  })
}

test('nobody is told of the same recovery twice, nor of the same problem before it is time', () => {
  fc.assert(
    fc.property(arrivals(anyEvent), (steps) => {
      const story = new CheckStory()
      for (const { now, event } of steps) story.hear(now, event)
      const told = story.notifications.filter(({ notification }) => notification.type !== 'test')
      for (const [index, { at, notification }] of told.entries()) {
        const before = told[index - 1]
        if (notification.type === 'recovery')
          expect(before?.notification.type ?? 'nothing').not.toMatch(/recovery|nothing/)
        if (notification.type !== 'problem') continue
        expect(notification.stateDurationSeconds).toBeGreaterThanOrEqual(initialFailureDelaySeconds)
        if (before?.notification.state === notification.state)
          expect(at - before.at).toBeGreaterThanOrEqual(repeatFailureDelaySeconds)
      }
    }),
    { numRuns: 500 },
  )
})

test('an event that comes twice in the same second tells nothing the second time', () => {
  fc.assert(
    fc.property(arrivals(serviceEvent), (steps) => {
      const once = new CheckStory()
      const twice = new CheckStory()
      for (const { now, event } of steps) {
        once.hear(now, event)
        twice.hear(now, event)
        expect(twice.hear(now, event).notification).toBeNull()
      }
      expect(twice.notifications).toEqual(once.notifications)
      expect(twice.memory).toEqual(once.memory)
    }),
  )
})

test('no medium hears the same state of the same check twice within its interval, but after a recovery or an acknowledgement', () => {
  fc.assert(
    fc.property(arrivals(anyEvent), (steps) => {
      const told = toldToAda(steps)
      for (const [index, { at, medium: name, state }] of told.entries()) {
        const earlier = told.slice(0, index).filter((one) => one.medium === name)
        const since =
          state === 'test_notifications' ? -1 : earlier.findLastIndex((one) => isCalming(one.state))
        const before = earlier.slice(since + 1).findLast((one) => one.state === state)
        if (before && !isCalming(state)) expect(at - before.at).toBeGreaterThanOrEqual(intervalSeconds)
      }
    }),
    { numRuns: 300 },
  )
})

const intervalSeconds = 75

function isCalming(state: string): boolean {
  return state === 'ok' || state === 'acknowledgement'
}

function toldToAda(steps: readonly { readonly now: number; readonly event: CheckEvent }[]) {
  const names = { info: ['email'], unknown: ['email'], warning: ['email', 'sms'], critical: ['sms'] }
  const compiled = routing({
    contacts: [contact('ada', { email: medium({ intervalSeconds }), sms: medium({ intervalSeconds }) })],
    rules: [rule('mixed', 'ada', { media: names })],
    links: [{ contactId: 'ada', to: 'entity', entity: 'alpha' }],
  })
  const story = new CheckStory({ initialFailureDelaySeconds: 0, repeatFailureDelaySeconds: 1 })
  const ledger = openLedger({ told: [], summaries: [] })
  return steps.flatMap(({ now, event }) => {
    const { notification } = story.hear(now, event)
    if (!notification) return []
    const routed = route(compiled, notification, notification.severity, now)
    return decideAlerts({ notification, routed, routing: compiled, ledger, checkOf: () => undefined, now })
      .filter((outcome) => outcome.kind === 'told')
      .map((outcome) => ({ at: now, medium: outcome.medium, state: notification.state }))
  })
}
