import { describe, expect, test } from 'vitest'
import { advance, type Happening } from '#engine/advance/advance.ts'
import { type Alert, alertView } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { acknowledgeCheck } from '#engine/advance/acknowledge-check.ts'
import type { CheckState, Sighting } from '#engine/event.ts'
import { defaultNotificationSettings as settings } from '#engine/notify/decide-notification.ts'
import { aCheck, after, aMemory, ana, anAlert, anEvent } from '#test/harness/engine-things.ts'

/**
 * A play: one letter a slot of ten seconds. `o` ok, `i` info, `w` warning, `c` critical, `u` unknown; between slots `A`
 * is a person acknowledging and `R` one resolving by hand. The answer has a letter for each slot: `.` nothing open, `p`
 * pending, `f` firing, `a` acknowledged, and after a slash what happened there, where something did.
 */
const states: Readonly<Record<string, CheckState>> = {
  o: 'ok',
  i: 'info',
  w: 'warning',
  c: 'critical',
  u: 'unknown',
}

const marks: Record<Happening, string> = {
  pending: '',
  fired: '/fired',
  'severity-rose': '/worse',
  reminded: '/reminded',
  acknowledged: '/acknowledged',
  recovered: '/recovered',
  forgotten: '/forgotten',
  reopened: '/reopened',
  cleared: '/cleared',
  'flapping-started': '/flapping',
  'flapping-stopped': '/calm',
  turned: '/turned',
}

function play(letters: string, parts: Partial<Sighting> = {}): string {
  let check: Check = aCheck()
  let alert: Alert | undefined
  let seconds = 0
  const seen: string[] = []
  for (const letter of letters) {
    const state = states[letter]
    if (state === undefined) {
      if (letter === 'A' && alert) {
        check = acknowledgeCheck(check, alert, { now: after(seconds), by: 'Ana', settings }).check
        alert = { ...alert, acknowledgedAt: after(seconds), acknowledgedBy: ana }
      }
      if (letter === 'R')
        [alert, check] = [undefined, { ...check, closed: { alertId: 'closed', reopensAt: null } }]
      continue
    }
    const event = anEvent({ ...parts, state, at: after(seconds) })
    const step = advance({
      check,
      alert,
      event,
      now: after(seconds),
      newId: () => `alert-at-${seconds}`,
      settings,
    })
    check = step.check
    alert = step.alert?.state === 'RESOLVED' ? undefined : step.alert
    seen.push(`${letterOf(alert)}${step.happening ? marks[step.happening] : ''}`)
    seconds += 10
  }
  return seen.join(' ')
}

function letterOf(alert: Alert | undefined): string {
  return alert ? { PENDING: 'p', FIRING: 'f', ACKNOWLEDGED: 'a', RESOLVED: '.' }[alertView(alert)] : '.'
}

const delay = (seconds: number) => ({ initialFailureDelaySeconds: seconds })
const repeat = (seconds: number) => ({ repeatFailureDelaySeconds: seconds })

describe('one check, slot after slot', () => {
  test.each<[string, string, Partial<Sighting>, string]>([
    ['all is well', 'ooo', {}, '. . .'],
    ['without a delay it fires at once', 'oc', {}, '. f/fired'],
    ['while it fails on, nothing more happens', 'ccc', {}, 'f/fired f f'],
    ['ok ends it', 'cco', {}, 'f/fired f ./recovered'],
    ['failing again is a new episode', 'coc', {}, 'f/fired ./recovered f/fired'],
    ['it fires at exactly the delay', 'cccc', delay(20), 'p p f/fired f'],
    ['and not a slot before', 'ccc', delay(21), 'p p p'],
    ['a delay shorter than a slot is over at the next', 'cc', delay(1), 'p f/fired'],
    ['cleared while pending, nobody ever heard', 'cco', delay(60), 'p p ./forgotten'],
    ['the delay begins anew after ok', 'cocc', delay(10), 'p ./forgotten p f/fired'],
    ['getting worse is told', 'wwc', {}, 'f/fired f f/worse'],
    ['getting worse while pending is not, and its delay begins anew', 'wccc', delay(20), 'p p p f/fired'],
    ['getting better is not told', 'cwi', {}, 'f/fired f f'],
    ['and worse again up to where it was is no news', 'cwc', {}, 'f/fired f f'],
    ['unknown weighs as much as a warning', 'wui', {}, 'f/fired f f'],
    ['info is the least', 'iw', {}, 'f/fired f/worse'],
    ['reminded after the delay', 'cccc', repeat(20), 'f/fired f f/reminded f'],
    ['and again after it', 'ccccc', repeat(20), 'f/fired f f/reminded f f/reminded'],
    ['0 = never reminded', 'cccccc', repeat(0), 'f/fired f f f f f'],
    [
      'reminders count from firing, not from the first breach',
      'ccccc',
      { ...delay(20), ...repeat(20) },
      'p p f/fired f f/reminded',
    ],
    ['a rise counts as a reminder', 'wcccc', repeat(20), 'f/fired f/worse f f/reminded f'],
    ['so does a fall, which contacts are told of', 'cwwww', repeat(20), 'f/fired f f f/reminded f'],
    [
      'the same again, worse and back, is told once each',
      'wcwww',
      repeat(20),
      'f/fired f/worse f f f/reminded',
    ],
    ['acknowledged: no reminder', 'cAccc', repeat(10), 'f/fired a a a'],
    ['but getting worse wakes it up again', 'wAwc', {}, 'f/fired a f/worse'],
    ['and reminders with it', 'wAwccc', repeat(20), 'f/fired a f/worse f f/reminded'],
    ['ok ends an acknowledged one too', 'cAo', {}, 'f/fired ./recovered'],
    ['resolved by hand: quiet while it fails on', 'cRccc', repeat(10), 'f/fired . . .'],
    ['even where it gets worse', 'wRcc', {}, 'f/fired . .'],
    ['until it was ok once', 'cRcoc', {}, 'f/fired . . f/fired'],
  ])('%s', (_what, letters, parts, expected) => {
    expect(play(letters, parts)).toBe(expected)
  })
})

describe('what is kept', () => {
  const advanced = (alert: Alert | undefined, event: Partial<Sighting>, check: Partial<Check> = {}) =>
    advance({
      check: aCheck(check),
      alert,
      event: anEvent(event),
      now: after(60),
      newId: () => 'new',
      settings,
    })

  test('a new alert carries what the event says', () => {
    const measurement = { value: 7, threshold: 5, unit: 'count', breachesAbove: true } as const
    const { alert } = advanced(undefined, { measurement, ruleId: 'rule-1', state: 'unknown' })
    expect(alert).toMatchObject({
      id: 'new',
      ruleId: 'rule-1',
      severity: 'WARNING',
      measurement,
      startedAt: after(60),
    })
    expect(alert).toMatchObject({ title: 'Card payments are failing', firedAt: after(60), incidentId: null })
  })

  test('the worst severity of the episode, and the newest words and value', () => {
    const { alert } = advanced(anAlert(), { state: 'warning', summary: 'Error rate is 6 %.' })
    expect(alert).toMatchObject({ severity: 'CRITICAL', summary: 'Error rate is 6 %.' })
    expect(alert?.measurement?.value).toBe(0.24)
  })

  test('the very same alert where nothing new was seen, so that nothing is written', () => {
    const alert = anAlert()
    const { measurement } = alert
    expect(advanced(alert, measurement ? { measurement: { ...measurement } } : {}).alert).toBe(alert)
    expect(
      advanced(alert, measurement ? { measurement: { ...measurement, value: 0.25 } } : {}).alert,
    ).not.toBe(alert)
  })

  test('the alert that ended, with when and by nobody', () => {
    const { alert, happening } = advanced(anAlert(), { state: 'ok' })
    expect(happening).toBe('recovered')
    expect(alert).toMatchObject({ state: 'RESOLVED', resolvedAt: after(60), resolvedBy: null })
  })

  test('an event from before the last change decides nothing: the later slot was answered first', () => {
    const later = { memory: aMemory('ok', after(61)) }
    expect(advanced(undefined, { state: 'critical' }, later)).toEqual({ check: aCheck(later) })
    const alert = anAlert({ startedAt: after(61) })
    const failing = { memory: aMemory('critical', after(61)) }
    expect(advanced(alert, { state: 'ok' }, failing).alert).toBe(alert)
    expect(advanced(alert, { state: 'ok', judgedBy: 'arrival' }, failing).happening).toBe('recovered')
  })

  test('but what lies an hour ahead was no later slot: the clock was set back, and the answer counts', () => {
    const failing = { memory: aMemory('critical', after(3660)) }
    expect(advanced(anAlert(), { state: 'ok' }, failing).happening).toBe('recovered')
  })

  test('when a check changed is when it changed, not when it was seen', () => {
    const memory = aMemory('critical')
    expect(advanced(anAlert(), {}, { memory }).check.memory).toBe(memory)
  })
})
