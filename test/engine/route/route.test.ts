import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ContactLink } from '#engine/route/contacts.ts'
import { explainRouting } from '#engine/route/explain.ts'
import { route } from '#engine/route/route.ts'
import type { NotificationRule } from '#engine/route/rules.ts'
import { contact, medium, routing, rule } from '#test/harness/routing-things.ts'

const subject = { checkKey: 'alpha:ping', entity: 'alpha', tags: ['alpha', 'ping', 'shop'] }
const toAlpha = (contactId: string): ContactLink => ({ contactId, to: 'entity', entity: 'alpha' })
const onEmail = { info: [], unknown: [], warning: ['email'], critical: ['email', 'sms', 'pigeon'] }
const black = { info: false, unknown: false, warning: false, critical: true }
const phones = { email: medium(), sms: medium() }

function heardBy(
  rules: NotificationRule[],
  severity: 'info' | 'unknown' | 'warning' | 'critical' = 'critical',
) {
  const [outcome] = route(
    routing({ contacts: [contact('ada', phones)], rules, links: [toAlpha('ada')] }),
    subject,
    severity,
    0,
  )
  if (outcome?.kind === 'routed') return outcome.media.map(({ name }) => name)
  return outcome && `${outcome.because}: ${outcome.ruleIds.join(', ')}`
}

describe('which media of a contact hear', () => {
  test('whoever has no rule hears warnings and criticals on everything, and nothing of unknown and info', () => {
    expect(heardBy([])).toEqual(['email', 'sms'])
    expect(heardBy([], 'warning')).toEqual(['email', 'sms'])
    expect(heardBy([], 'unknown')).toBe('no-media: ada:implicit')
    expect(heardBy([], 'info')).toBe('no-media: ada:implicit')
  })

  test('a specific rule puts the general ones aside, with their blackholes', () => {
    const general = rule('general', 'ada', { blackholes: black, media: onEmail })
    expect(heardBy([general])).toBe('blackhole: general')
    expect(heardBy([general, rule('shop', 'ada', { tags: ['shop'], media: onEmail })])).toEqual([
      'email',
      'sms',
    ])
    expect(heardBy([general, rule('shop', 'ada', { tags: ['shop', 'tools'], media: onEmail })])).toBe(
      'blackhole: general',
    )
  })

  test('info has media and a blackhole of its own', () => {
    const info = { info: ['sms'], unknown: [], warning: [], critical: [] }
    expect(heardBy([rule('calm', 'ada', { media: info })], 'info')).toEqual(['sms'])
    const blackholes = { ...black, info: true }
    expect(heardBy([rule('calm', 'ada', { media: info, blackholes })], 'info')).toBe('blackhole: calm')
  })

  test('a rule with a pattern nobody can read never matches, and others do not mind', () => {
    const broken = rule('broken', 'ada', { regexEntities: ['^al', '('], media: onEmail })
    expect(heardBy([broken, rule('general', 'ada')])).toBe('no-media: general')
    expect(heardBy([broken, rule('fine', 'ada', { regexEntities: ['ph.$'], media: onEmail })])).toEqual([
      'email',
      'sms',
    ])
  })
})

describe('who is linked', () => {
  const everyWay: ContactLink[] = [
    { contactId: 'ada', to: 'all' },
    toAlpha('ada'),
    { contactId: 'ada', to: 'check', checkKey: 'alpha:ping' },
  ]

  test('in however many ways, a contact is told once', () => {
    expect(
      route(routing({ contacts: [contact('ada')], links: everyWay }), subject, 'critical', 0),
    ).toHaveLength(1)
  })

  test('or once for each way, as Flapjack does, if the house wants that', () => {
    const asFlapjack = routing({ contacts: [contact('ada')], links: everyWay }, { tellOncePerLink: true })
    expect(route(asFlapjack, subject, 'critical', 0)).toHaveLength(3)
  })

  test('a link to someone who is gone leads nowhere', () => {
    expect(route(routing({ links: everyWay }), subject, 'critical', 0)).toEqual([])
  })
})

test('an explanation names every contact, every rule and why', () => {
  const explained = explainRouting(
    routing({
      contacts: [contact('ada'), contact('bob'), contact('eve')],
      rules: [
        rule('ada-general', 'ada', { media: onEmail }),
        rule('ada-shop', 'ada', { tags: ['shop'] }),
        rule('ada-bravo', 'ada', { entities: ['bravo'] }),
        rule('bob-broken', 'bob', { regexTags: ['(?=x)'] }),
      ],
      links: [toAlpha('ada'), { contactId: 'bob', to: 'all' }],
    }),
    subject,
    'critical',
    0,
  )
  expect(explained.map(({ outcome }) => ('because' in outcome ? outcome.because : outcome.kind))).toEqual([
    'no-media',
    'routed',
    'not-linked',
  ])
  expect(explained[0]?.rules).toEqual([
    { ruleId: 'ada-shop', verdict: 'governs' },
    { ruleId: 'ada-bravo', verdict: 'other-entity' },
    { ruleId: 'ada-general', verdict: 'set-aside' },
  ])
  expect(explained[1]?.rules[0]).toMatchObject({
    verdict: 'broken-pattern',
    brokenBecause: expect.stringContaining('(?=x)'),
  })
})

describe('the index finds what a plain scan finds', () => {
  const entity = fc.constantFrom('alpha', 'bravo', 'web-1', 'web-2', 'db-1.example')
  const tag = fc.constantFrom('alpha', 'web-1', 'shop', 'disk', 'cpu', 'db-1', 'example')
  const pattern = fc.constantFrom('^web', 'a', 'b-\\d', '(', 'shop|disk', 'x$')
  const severity = fc.constantFrom('info', 'unknown', 'warning', 'critical')
  const names = fc.subarray(['email', 'sms'])
  const media = fc.record({ info: names, unknown: names, warning: names, critical: names })
  const blackhole = fc.boolean().map((isBlack) => ({ ...black, critical: isBlack, warning: false }))
  const few = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { maxLength: 2 })
  const someone = fc.constantFrom('ada', 'bob', 'eve')
  const aRule = fc.record({
    entities: few(entity),
    regexEntities: few(pattern),
    tags: few(tag),
    regexTags: few(pattern),
    media,
    blackholes: blackhole,
  })
  const link: fc.Arbitrary<ContactLink> = fc.oneof(
    fc.record({ contactId: someone, to: fc.constant('all' as const) }),
    fc.record({ contactId: someone, to: fc.constant('entity' as const), entity }),
    fc.record({
      contactId: someone,
      to: fc.constant('check' as const),
      checkKey: entity.map((name) => `${name}:ping`),
    }),
  )

  test('for any rules, links and events', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(someone, aRule), { maxLength: 12 }),
        fc.array(link, { maxLength: 6 }),
        fc.array(fc.tuple(entity, few(tag), severity), { minLength: 1, maxLength: 5 }),
        (rules, links, events) => {
          const compiled = routing({
            contacts: ['ada', 'bob', 'eve'].map((id) => contact(id, phones)),
            rules: rules.map(([contactId, parts], index) => rule(`rule-${index}`, contactId, parts)),
            links,
          })
          for (const [name, tags, level] of events) {
            const asked = { checkKey: `${name}:ping`, entity: name, tags: [...new Set(tags)] }
            const scanned = explainRouting(compiled, asked, level, 0).map(({ outcome }) => outcome)
            const found = route(compiled, asked, level, 0)
            const routed = (outcomes: readonly { kind: string; contactId: string }[]) =>
              new Map(
                outcomes
                  .filter(({ kind }) => kind === 'routed')
                  .map((outcome) => [outcome.contactId, asSet(outcome)]),
              )
            expect(routed(found)).toEqual(routed(scanned))
            for (const outcome of found) expect(scanned.map(asSet)).toContainEqual(asSet(outcome))
          }
        },
      ),
    )
  })
})

/** Rules have no order; of several blackholes any may be named. */
function asSet(outcome: { kind: string; contactId: string }): object {
  const ruleIds =
    'ruleIds' in outcome && Array.isArray(outcome.ruleIds) ? new Set(outcome.ruleIds) : undefined
  return 'because' in outcome && outcome.because === 'blackhole'
    ? { ...outcome, ruleIds: 'any' }
    : { ...outcome, ruleIds }
}
