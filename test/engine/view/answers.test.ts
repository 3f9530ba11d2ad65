import { describe, expect, test } from 'vitest'
import { plainMessage } from '#engine/message/plain.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import { help } from '#engine/view/help.ts'
import { incidentList } from '#engine/view/incident-list.ts'
import { ruleList, type WatchedRule } from '#engine/view/rule-list.ts'
import { after, ana, anIncident, start } from '#test/harness/engine-things.ts'

describe('/alert list', () => {
  const firing = anIncident({})
  const taken = {
    ...anIncident({ acknowledgedAt: after(60), acknowledgedBy: ana, severity: 'WARNING' }),
    number: 7,
  }
  const over = {
    ...anIncident({ state: 'RESOLVED', resolvedAt: after(90), resolvedBy: ana, measurement: null }),
    number: 3,
  }

  test('a line for each, with what is wrong, where and for how long', () => {
    expect(
      plainMessage(incidentList({ only: 'open', incidents: [firing, taken], total: 2 }, after(120))),
    ).toBe(
      `2 open alerts
#42 Card payments are failing
  CRITICAL · 24 % · payment-service · for 2 min
#7 Card payments are failing
  acknowledged by Ana · 24 % · payment-service · for 2 min`,
    )
    expect(plainMessage(incidentList({ only: 'resolved', incidents: [over], total: 1 }, after(999)))).toBe(
      `1 resolved alert
#3 Card payments are failing
  resolved · payment-service · lasted 1 min 30 s`,
    )
  })

  test('each has the button most likely wanted', () => {
    const { items } = incidentList({ only: 'open', incidents: [firing, taken, over], total: 3 }, after(120))
    expect(items.map((item) => item.action?.command)).toEqual(['ack 42', 'show 7', 'show 3'])
  })

  test('what does not fit is counted', () => {
    expect(plainMessage(incidentList({ only: 'firing', incidents: [firing], total: 21 }, after(0)))).toMatch(
      /^21 firing alerts[^]*20 more not shown\.$/,
    )
  })

  test.each([
    ['open', 'All quiet: nothing is open.', 'resolved'],
    ['firing', 'Nothing is firing that nobody has acknowledged.', 'resolved'],
    ['acknowledged', 'Nothing is acknowledged and still open.', 'resolved'],
    ['resolved', 'Nothing has been resolved yet.', 'neutral'],
  ] as const)('nothing %s', (only, headline, tone) => {
    expect(incidentList({ only, incidents: [], total: 0 }, start)).toMatchObject({
      headline,
      tone,
      items: [],
    })
  })
})

describe('/alert rule list', () => {
  function watched(parts: object = {}, state: Partial<WatchedRule> = {}): WatchedRule {
    const parsed = parseRuleDraft({
      name: 'Timeouts',
      severity: 'WARNING',
      conditionKind: 'LOG_PATTERN',
      condition: {
        kind: 'LOG_PATTERN',
        scope: {},
        level: 'ERROR',
        pattern: 'Timeout',
        threshold: 5,
        windowSeconds: 300,
      },
      ...parts,
    })
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
    const rule = { ...parsed.draft, id: 'r', environment: 'prod', createdAt: start }
    return { rule, lastEvaluatedAt: null, lastError: null, firing: false, ...state }
  }

  test('each with what it looks at and how it is doing', () => {
    const rules = [
      watched({}, { firing: true }),
      watched({ name: 'Off', enabled: false }),
      watched({}, { lastError: 'ClickHouse is away' }),
    ]
    const message = ruleList({ rules, total: 3, firing: 1 })
    expect(plainMessage(message)).toBe(
      `3 rules, 1 failing now
Timeouts r
  WARNING · ERROR lines matching "Timeout" over 5 min above 5 on all services · checked every 1 min
Off (switched off) r
  WARNING · ERROR lines matching "Timeout" over 5 min above 5 on all services · checked every 1 min
Timeouts r
  WARNING · ERROR lines matching "Timeout" over 5 min above 5 on all services · checked every 1 min · could not be checked: ClickHouse is away`,
    )
    expect(message.items.map((item) => item.tone)).toEqual(['warning', 'neutral', 'resolved'])
  })

  test('none yet: one button begins', () => {
    expect(ruleList({ rules: [], total: 0, firing: 0 })).toMatchObject({
      headline: 'Nothing is watched yet.',
      actions: [{ command: 'rule create' }],
    })
  })

  test('a great many are cut, and counted', () => {
    const rules = Array.from({ length: 40 }, () => watched())
    const message = ruleList({ rules, total: 20_045, firing: 3 })
    expect(message.items).toHaveLength(40)
    expect(plainMessage(message)).toContain('20,045 rules, 3 failing now')
    expect(plainMessage(message)).toContain('20,005 more not shown.')
  })
})

describe('/alert help', () => {
  test('everything there is, and who may', () => {
    expect(plainMessage(help())).toBe(
      `What you can ask for
/alert list [which]
  Show what is wrong right now, worst first
/alert show <number>
  Show one alert with its picture and its story
/alert ack <number>
  Say that you are looking at it; reminders stop (operators)
/alert silence <number> [duration]
  Keep an alert quiet for a while (operators)
/alert resolve <number>
  Close an alert by hand; it stays quiet until it has cleared once (operators)
/alert rule list
  Show what is watched, and how each rule is doing
/alert rule create
  Watch something new, by form, with a preview before saving (operators)
/alert help [command]
  Say what you can ask for
/alert rule show <rule>
  Show one rule with all that was set, and how it is doing
/alert rule enable <rule>
  Switch a rule on (operators)
/alert rule disable <rule>
  Switch a rule off; what it fires stays for people to resolve (operators)
/alert rule delete <rule>
  Delete a rule, after asking; its alerts stay for people to resolve (operators)
/alert silences
  Show what is silenced, and what will be
/alert silence where [matchers] [when]
  Keep alerts quiet by their labels: now, planned ahead, or again and again (operators)
/alert maintenances
  Show what is in maintenance, and what will be
/alert maintenance <target> <when>
  Plan a time in which nobody hears of these checks (operators)
/alert silence extend <id> <duration>
  Let a silence last longer (operators)
/alert silence expire <id>
  End a silence now; what still fires is told (operators)
/alert maintenance end <id>
  End a maintenance now; what still fires is told (operators)
/alert contacts
  Show who can be reached outside of the chat
/alert contact <id>
  Show the media and rules of one contact
/alert who <check>
  Explain who would hear of a check now, and why
/alert explain <alert>
  Explain who hears of an alert and why, and who does not and why not
/alert routes
  Show who hears of what, by category and severity
/alert route <category> <severity> <receivers>
  Say who hears of one category at one severity (operators)
/alert test <check>
  Send a test, to see whether people are reached (operators)
/alert entity <entity>
  Show the checks of an entity and who hears of it; the REST API renames and tags it
/alert contact add <id> [details]
  Keep somebody who can be reached outside of the chat (operators)
/alert contact remove <id> [sure]
  Remove a contact with its media, rules and links (operators)
/alert contact <id> media <type> <address>
  Say how a contact is reached; off takes a medium away (operators)
/alert contact <id> hears <subject>
  Let a contact hear of something (operators)
/alert contact <id> no longer hears <subject>
  Take away what a contact hears of (operators)
/alert contact <id> rule [rule]
  Say by which media a contact hears of what, and when: by form, or in one line (operators)
/alert contact <id> rule remove <rule>
  Remove a rule of a contact (operators)
Buttons under a message do the same; the number is the one behind the #.`,
    )
  })

  test('one command, with examples', () => {
    expect(plainMessage(help('  Silence '))).toBe(
      `/alert silence <number> [duration]
Keep an alert quiet for a while.
/alert silence 42 1h
/alert silence 42 until tomorrow
/alert silence 42
number: the number behind the # of an alert
duration: such as 30m, 4h, or until tomorrow
/alert silence where [matchers] [when]
  Keep alerts quiet by their labels: now, planned ahead, or again and again (operators)
/alert silence extend <id> <duration>
  Let a silence last longer (operators)
/alert silence expire <id>
  End a silence now; what still fires is told (operators)`,
    )
  })

  test('a command there is not', () => {
    expect(plainMessage(help('dance'))).toMatch(
      /^What you can ask for\nThere is no command "dance"; these there are:/,
    )
  })
})
