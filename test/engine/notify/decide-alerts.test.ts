import { describe, expect, test } from 'vitest'
import type { CheckState } from '#engine/event.ts'
import { decideAlerts } from '#engine/notify/decide-alerts.ts'
import type { CheckNotification } from '#engine/notify/decide-notification.ts'
import { changedRows, type Ledger, type LedgerRows, openLedger } from '#engine/notify/ledger.ts'
import type { KnownCheck } from '#engine/notify/rollup.ts'
import type { Contact } from '#engine/route/contacts.ts'
import { neverSeen } from '#engine/suppress/check-memory.ts'
import { route } from '#engine/route/route.ts'
import { contact, medium, routing, rule } from '#test/harness/routing-things.ts'

const noRows: LedgerRows = { told: [], summaries: [] }
const everything = { info: ['email'], unknown: ['email'], warning: ['email'], critical: ['email'] }

function saying(
  state: CheckState | 'acknowledgement' | 'test_notifications',
  entity = 'alpha',
): CheckNotification {
  const types = { ok: 'recovery', acknowledgement: 'acknowledgement', test_notifications: 'test' } as const
  return {
    type: state in types ? types[state as keyof typeof types] : 'problem',
    state,
    severity: 'critical',
    checkKey: `${entity}:ping`,
    entity,
    check: 'ping',
    tags: [entity, 'ping'],
    summary: null,
    details: null,
    durationSeconds: null,
    lastState: null,
    lastSummary: null,
    stateDurationSeconds: null,
  }
}

/** One listener to everything; the checks stand as the test says. */
class Desk {
  readonly ledger: Ledger
  readonly checks = new Map<string, KnownCheck>()
  asked = 0
  private readonly routing

  constructor(who: Contact, rows: LedgerRows = noRows) {
    this.ledger = openLedger(rows)
    const rules = [rule('everything', who.id, { media: everything })]
    this.routing = routing({ contacts: [who], rules, links: [{ contactId: who.id, to: 'all' }] })
  }

  stands(entity: string, state: CheckState, isEnabled = true): this {
    this.checks.set(`${entity}:ping`, {
      entity,
      memory: { ...neverSeen, isEnabled, lastChange: { state, at: 0, summary: null } },
    })
    return this
  }

  decide(now: number, notification: CheckNotification) {
    return decideAlerts({
      notification,
      routed: route(this.routing, notification, notification.severity, now),
      routing: this.routing,
      ledger: this.ledger,
      checkOf: (key) => {
        this.asked++
        return this.checks.get(key)
      },
      now,
    })
  }

  /** `told`, `told problem` (a summary), or what held it. */
  outcome(now: number, notification: CheckNotification): string | undefined {
    const [outcome] = this.decide(now, notification)
    if (outcome?.kind === 'told') return outcome.summary ? `told ${outcome.summary.type}` : 'told'
    return outcome && `${outcome.kind}: ${outcome.because}`
  }
}

describe('intervals', () => {
  test('the same state waits, to the second; a worse one does not', () => {
    const desk = new Desk(contact('ada', { email: medium({ intervalSeconds: 100 }) }))
    expect(desk.outcome(0, saying('warning'))).toBe('told')
    expect(desk.decide(99, saying('warning'))).toEqual([
      {
        kind: 'held',
        contactId: 'ada',
        medium: 'email',
        ruleIds: ['everything'],
        because: 'interval',
        until: 100,
      },
    ])
    expect(desk.outcome(99, saying('critical'))).toBe('told')
    expect(desk.outcome(99, saying('warning', 'bravo'))).toBe('told')
    expect(desk.outcome(100, saying('warning'))).toBe('told')
  })

  test('a recovery ends those of the failing states, not that of a test', () => {
    const desk = new Desk(contact('ada'))
    for (const state of ['info', 'critical', 'test_notifications', 'ok'] as const)
      expect(desk.outcome(0, saying(state))).toBe('told')
    expect(desk.outcome(1, saying('critical'))).toBe('told')
    expect(desk.outcome(1, saying('info'))).toBe('told')
    expect(desk.outcome(1, saying('test_notifications'))).toBe('held: interval')
  })

  test('0 is no interval but the default; PagerDuty has no other', () => {
    const desk = new Desk(contact('ada', { email: medium({ intervalSeconds: 0 }) }))
    const [told] = desk.decide(0, saying('critical'))
    expect(told).toMatchObject({ kind: 'told', nextAt: 900 })
  })
})

describe('summaries', () => {
  const ada = contact('ada', { email: medium({ intervalSeconds: 100, rollupThreshold: 2 }) })

  test('the way in and the way out', () => {
    const desk = new Desk(ada)
      .stands('alpha', 'critical')
      .stands('bravo', 'critical')
      .stands('charlie', 'critical')
    expect(desk.outcome(0, saying('critical'))).toBe('told')
    expect(desk.outcome(1, saying('critical', 'bravo'))).toBe('told problem')
    expect(desk.decide(2, saying('critical', 'charlie'))).toMatchObject([{ because: 'summary', until: 101 }])
    expect(desk.outcome(101, saying('critical', 'charlie'))).toBe('told problem')
    desk.stands('alpha', 'ok').stands('bravo', 'ok')
    expect(desk.outcome(102, saying('ok', 'bravo'))).toBe('told recovery')
    expect(desk.stands('charlie', 'ok').outcome(103, saying('ok', 'charlie'))).toBe('told')
    expect(desk.stands('alpha', 'critical').outcome(104, saying('critical'))).toBe('told')
  })

  test('a disabled check, one that is gone, and one no longer linked do not count', () => {
    const desk = new Desk(ada).stands('alpha', 'critical', false).stands('bravo', 'critical')
    desk.decide(0, saying('critical', 'alpha'))
    desk.decide(0, saying('critical', 'gone'))
    expect(desk.outcome(0, saying('critical', 'bravo'))).toBe('told')
  })

  test('a summary tells of every check how it is and since when', () => {
    const desk = new Desk(ada).stands('alpha', 'critical').stands('bravo', 'warning')
    desk.decide(40, saying('critical'))
    expect(desk.decide(41, saying('warning', 'bravo'))).toMatchObject([
      {
        summary: {
          threshold: 2,
          checks: [
            { checkKey: 'alpha:ping', state: 'critical', stateDurationSeconds: 41 },
            { checkKey: 'bravo:ping', state: 'warning', stateDurationSeconds: 41 },
          ],
        },
      },
    ])
  })

  test('in a storm what is swallowed does not look at all that is alerting', () => {
    const desk = new Desk(ada)
    for (let host = 0; host < 500; host++) {
      desk.stands(`host-${host}`, 'critical')
      desk.decide(0, saying('critical', `host-${host}`))
    }
    desk.asked = 0
    for (let host = 0; host < 500; host++) desk.decide(1, saying('unknown', `host-${host}`))
    expect(desk.asked).toBeLessThanOrEqual(500 * 2)
  })

  test('PagerDuty is never summarised', () => {
    const pagerduty = contact('ada', { pagerduty: medium({ intervalSeconds: 1, rollupThreshold: 1 }) })
    const rules = [rule('all', 'ada', { media: { ...everything, critical: ['pagerduty'] } })]
    const compiled = routing({ contacts: [pagerduty], rules, links: [{ contactId: 'ada', to: 'all' }] })
    const notification = saying('critical')
    const question = {
      notification,
      routed: route(compiled, notification, notification.severity, 0),
      routing: compiled,
      ledger: openLedger(noRows),
      checkOf: () => undefined,
      now: 0,
    }
    expect(decideAlerts(question)).toMatchObject([{ kind: 'told', summary: null, nextAt: 900 }])
  })
})

describe('the ledger', () => {
  const ada = contact('ada', { email: medium({ intervalSeconds: 100, rollupThreshold: 1 }) })

  test('gives back only what changed, as rows', () => {
    const desk = new Desk(ada).stands('alpha', 'critical')
    desk.decide(5, saying('critical'))
    const rows = changedRows(desk.ledger)
    expect(rows).toEqual({
      told: [
        {
          contactId: 'ada',
          medium: 'email',
          checkKey: 'alpha:ping',
          heldUntil: { critical: 105 },
          isAlerting: true,
        },
      ],
      summaries: [{ contactId: 'ada', medium: 'email', summaryUntil: 105 }],
    })
    expect(changedRows(openLedger(rows))).toEqual(noRows)
  })

  test('opened again it decides as before, and at the end the row is empty', () => {
    const first = new Desk(ada).stands('alpha', 'critical')
    first.decide(5, saying('critical'))
    const second = new Desk(ada, changedRows(first.ledger)).stands('alpha', 'ok')
    expect(second.outcome(6, saying('ok'))).toBe('told recovery')
    expect(changedRows(second.ledger).told).toEqual([
      { contactId: 'ada', medium: 'email', checkKey: 'alpha:ping', heldUntil: {}, isAlerting: false },
    ])
  })
})
