import { describe, expect, test } from 'vitest'
import { maskRouting, readRouting } from '#engine/dispatch/read-routing.ts'
import { routingYaml } from '#engine/view/routing-yaml.ts'

const good = { route: { receiver: 'ops' }, receivers: [{ name: 'ops' }] }

function problemsOf(value: unknown) {
  const read = readRouting(value)
  return 'problems' in read ? read.problems : []
}

const routed = (route: object) => ({ ...good, route: { receiver: 'ops', ...route } })
const child = (route: object) => routed({ routes: [route] })
const hooked = (webhook: object) => ({ ...good, receivers: [{ name: 'ops', webhook_configs: [webhook] }] })
const timed = (interval: object) => ({ ...good, time_intervals: [{ name: 't', time_intervals: [interval] }] })
const url = 'https://example.org/x'

test('the least there can be is read', () => {
  expect(problemsOf(good)).toEqual([])
})

describe('what cannot work is refused by the field, with what to do', () => {
  test.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'body', ''],
    ['a list', [], 'body', ''],
    ['a word nobody knows', { ...good, rout: {} }, 'body', 'rout'],
    ['no receivers', { ...good, receivers: [] }, 'receivers', 'at least one'],
    [
      'two receivers of one name',
      { ...good, receivers: [{ name: 'ops' }, { name: 'ops' }] },
      'receivers.1.name',
      'another',
    ],
    ['a receiver without a name', { ...good, receivers: [{ name: '' }] }, 'receivers.0.name', 'name'],
    [
      'a NUL in a name',
      { route: { receiver: 'a\0' }, receivers: [{ name: 'a\0' }] },
      'route.receiver',
      'NUL',
    ],
    [
      'half a character in a matcher',
      child({ matchers: ['a="\ud800"'] }),
      'route.routes.0.matchers.0',
      'half a character',
    ],
    [
      'chats that are no list',
      { ...good, receivers: [{ name: 'ops', chats: 'slack' }] },
      'receivers.0.chats',
      '',
    ],
    ['a root without a receiver', { ...good, route: {} }, 'route.receiver', 'first route'],
    ['a receiver nobody is', child({ receiver: 'dba' }), 'route.routes.0.receiver', '"dba"'],
    ['matchers at the root', routed({ matchers: ['a="b"'] }), 'route.matchers', 'below'],
    ['a root that continues', routed({ continue: true }), 'route.continue', 'after the first'],
    [
      'a root that is quiet at times',
      routed({ mute_time_intervals: ['t'] }),
      'route.mute_time_intervals',
      'below',
    ],
    ['a matcher that is none', child({ matchers: ['a'] }), 'route.routes.0.matchers', '"a"'],
    ['a pattern that is none', child({ matchers: ['a=~"("'] }), 'route.routes.0.matchers', ''],
    ['a length of time in words', routed({ group_wait: 'soon' }), 'route.group_wait', '30s'],
    ['a length of time in seconds', routed({ group_wait: 30 }), 'route.group_wait', ''],
    ['no time between ticks', routed({ group_interval: '0s' }), 'route.group_interval', 'longer than 0'],
    ['repeating all the time', routed({ repeat_interval: '0' }), 'route.repeat_interval', 'longer than 0'],
    ['all labels and one more', routed({ group_by: ['...', 'a'] }), 'route.group_by', 'all labels'],
    ['one label twice', routed({ group_by: ['a', 'a'] }), 'route.group_by', 'twice'],
    [
      'a time interval nobody knows',
      child({ mute_time_intervals: ['t'] }),
      'route.routes.0.mute_time_intervals',
      '"t"',
    ],
    [
      'an active one nobody knows',
      child({ active_time_intervals: ['t'] }),
      'route.routes.0.active_time_intervals',
      '"t"',
    ],
    [
      'two time intervals of one name',
      { ...good, time_intervals: [{ name: 't' }, { name: 't' }] },
      'time_intervals.1.name',
      'another',
    ],
    [
      'no resolve timeout',
      { ...good, global: { resolve_timeout: '0' } },
      'global.resolve_timeout',
      'longer than 0',
    ],
    ['a URL that is none', hooked({ url: 'ops' }), 'receivers.0.webhook_configs.0.url', 'https://'],
    [
      'a URL of another protocol',
      hooked({ url: 'file:///etc/passwd' }),
      'receivers.0.webhook_configs.0.url',
      'https://',
    ],
    [
      'a URL as it is shown',
      hooked({ url: 'https://example.org/<secret>' }),
      'receivers.0.webhook_configs.0.url',
      'all of it',
    ],
    [
      'fewer alerts than none',
      hooked({ url, max_alerts: -1 }),
      'receivers.0.webhook_configs.0.max_alerts',
      'below 0',
    ],
    ['a huge number', hooked({ url, max_alerts: 1e300 }), 'receivers.0.webhook_configs.0.max_alerts', ''],
    ['no patience', hooked({ url, timeout: '0s' }), 'receivers.0.webhook_configs.0.timeout', 'at most 30s'],
    [
      'too much patience',
      hooked({ url, timeout: '31s' }),
      'receivers.0.webhook_configs.0.timeout',
      'at most 30s',
    ],
    [
      'an hour that is none',
      timed({ times: [{ start_time: '24:01', end_time: '24:00' }] }),
      'time_intervals.0.time_intervals.0.times.0.start_time',
      '09:00',
    ],
    [
      'a time over midnight',
      timed({ times: [{ start_time: '22:00', end_time: '06:00' }] }),
      'time_intervals.0.time_intervals.0.times.0.end_time',
      'two spans',
    ],
    ['no times at all', timed({ times: [] }), 'time_intervals.0.time_intervals.0.times', 'leave it out'],
    [
      'a day that is none',
      timed({ weekdays: ['caturday'] }),
      'time_intervals.0.time_intervals.0.weekdays.0',
      '"caturday"',
    ],
    [
      'days over the end of the week',
      timed({ weekdays: ['monday:sunday'] }),
      'time_intervals.0.time_intervals.0.weekdays.0',
      'two of them',
    ],
    ['day 0', timed({ days_of_month: ['0'] }), 'time_intervals.0.time_intervals.0.days_of_month.0', '"0"'],
    [
      'days backwards',
      timed({ days_of_month: ['5:1'] }),
      'time_intervals.0.time_intervals.0.days_of_month.0',
      'two of them',
    ],
    [
      'days from the end to the beginning',
      timed({ days_of_month: ['-5:1'] }),
      'time_intervals.0.time_intervals.0.days_of_month.0',
      'two of them',
    ],
    ['month 13', timed({ months: ['13'] }), 'time_intervals.0.time_intervals.0.months.0', 'june'],
    [
      'three years in one',
      timed({ years: ['2026:2027:2028'] }),
      'time_intervals.0.time_intervals.0.years.0',
      '2030',
    ],
    [
      'a place without a time',
      timed({ location: 'Mars/Olympus' }),
      'time_intervals.0.time_intervals.0.location',
      'Europe/Berlin',
    ],
  ])('%s', (_what, value, field, because) => {
    const problems = problemsOf(value)
    expect(problems.map((problem) => problem.field)).toContain(field)
    expect(problems.find((problem) => problem.field === field)?.problem).toContain(because)
  })

  test('a prototype is no document', () => {
    expect(
      problemsOf(JSON.parse('{"__proto__":{"route":{"receiver":"ops"},"receivers":[{"name":"ops"}]}}')),
    ).not.toEqual([])
  })

  test('everything that is wrong with the tree is said at once', () => {
    const both = routed({
      group_interval: '0',
      routes: [{ receiver: 'x' }, { routes: [{ matchers: ['!'] }] }],
    })
    expect(problemsOf(both).map(({ field }) => field)).toEqual([
      'route.group_interval',
      'route.routes.0.receiver',
      'route.routes.1.routes.0.matchers',
    ])
  })
})

describe('shown to people', () => {
  const document = {
    route: { receiver: 'ops', routes: [{ matchers: ['a="b: #"'], continue: true }, {}] },
    receivers: [
      { name: 'ops: "#1"', chats: 'all', webhook_configs: [] },
      {
        name: 'dba',
        webhook_configs: [
          { url: 'https://user:word@example.org:8443/key?token=t#f', timeout: '5s', max_alerts: 3 },
        ],
      },
    ],
  }

  test('a URL keeps only where it leads', () => {
    expect(maskRouting(document).receivers[1]?.webhook_configs?.[0]?.url).toBe(
      'https://example.org:8443/<secret>',
    )
  })

  test("it is Alertmanager's YAML, without what Alertmanager does not know", () => {
    expect(routingYaml(document)).toBe(`route:
  receiver: "ops"
  routes:
    - matchers: ["a=\\"b: #\\""]
      continue: true
    - {}
receivers:
  - name: "ops: \\"#1\\""
    webhook_configs: []
  - name: "dba"
    webhook_configs:
      - url: "https://example.org:8443/<secret>"
        max_alerts: 3
`)
  })
})
