import { describe, expect, test } from 'vitest'
import { conditionKinds } from '#engine/rule/conditions/registry.ts'
import { readRuleForm, ruleFormStep, subjectProblems } from '#engine/view/rule-form.ts'
import { readSilenceForm, silenceForm } from '#engine/view/silence-form.ts'

const values = {
  name: 'Checkout',
  kind: 'ROUTE_METRIC',
  severity: 'CRITICAL',
  app: 'orders',
  route: '',
  metric: 'ERROR_RATE',
  comparator: 'GT',
  threshold: '5%',
  window: '5m',
  for: '30s',
}

describe('the form that makes a rule', () => {
  test.each(conditionKinds.flatMap((kind) => [1, 2].map((step) => [kind, step] as const)))(
    '%s, step %d keeps to what the narrowest platform can show',
    (kind, step) => {
      const form = ruleFormStep('id', step, { kind })
      expect(form.fields.length).toBeLessThanOrEqual(5)
      expect(form.title.length).toBeLessThanOrEqual(24)
      expect(form.submitLabel.length).toBeLessThanOrEqual(24)
      for (const field of form.fields) {
        expect(field.label.length).toBeLessThanOrEqual(45)
        if (field.kind === 'choice') {
          expect(field.options.length).toBeGreaterThanOrEqual(2)
          expect(field.options.map((option) => option.value)).toContain(field.value)
        }
      }
    },
  )

  test('its values become a rule', () => {
    expect(readRuleForm(values)).toMatchObject({
      draft: {
        name: 'Checkout',
        severity: 'CRITICAL',
        forDurationSeconds: 30,
        condition: {
          scope: { appSlug: 'orders' },
          metric: 'ERROR_RATE',
          comparator: 'GT',
          threshold: 0.05,
          windowSeconds: 300,
        },
      },
    })
    expect(readRuleForm({ ...values, for: ' ' })).toMatchObject({ draft: { forDurationSeconds: 0 } })
  })

  test('problems carry the names of the form’s own fields', () => {
    const wrong = readRuleForm({
      ...values,
      name: '',
      app: '',
      route: 'r',
      threshold: 'x',
      window: 'y',
      for: 'z',
    })
    const fields = 'problems' in wrong ? wrong.problems.map((problem) => problem.field) : []
    expect(fields.sort()).toEqual(['for', 'name', 'route', 'threshold', 'window'])
  })

  test('the first step is judged by its own fields alone', () => {
    const { name, kind, severity, app, route } = values
    expect(subjectProblems({ name, kind, severity, app, route })).toEqual([])
    expect(
      subjectProblems({ name: '', kind: 'NONE', severity: 'LOUD', app, route })
        .map(({ field }) => field)
        .sort(),
    ).toEqual(['kind', 'name', 'severity'])
    expect(subjectProblems({ ...values, kind: 'LOG_PATTERN', route: 'r' })).toEqual([
      { field: 'route', problem: expect.stringMatching(/leave the route out\.$/) },
    ])
  })

  test('a problem shows at its field, and one without a field above them all', () => {
    const form = ruleFormStep('id', 2, values, [
      { field: 'threshold', problem: 'Too much.' },
      { field: 'name', problem: 'Too long.' },
    ])
    expect(form.fields.find((field) => field.name === 'threshold')?.error).toBe('Too much.')
    expect(form.error).toBe('Too long.')
    expect(ruleFormStep('id', 2, values)).not.toHaveProperty('error')
  })

  test('what was typed stays typed', () => {
    const form = ruleFormStep('id', 2, { ...values, threshold: 'about five' })
    expect(form.fields.find((field) => field.name === 'threshold')?.value).toBe('about five')
  })
})

describe('the form behind “Custom…”', () => {
  test.each([
    [
      { duration: '45 min', reason: ' Deploying ' },
      { until: { kind: 'minutes', minutes: 45 }, reason: 'Deploying' },
    ],
    [{ duration: 'tomorrow' }, { until: { kind: 'tomorrow' }, reason: '' }],
  ])('%j', (given, result) => {
    expect(readSilenceForm(given)).toEqual(result)
  })

  test.each([{}, { duration: '' }, { duration: '60d' }, { duration: 'later' }])('%j is refused', (given) => {
    expect(readSilenceForm(given)).toEqual({ problem: expect.stringMatching(/^Not a length of time I know/) })
  })

  test('a problem shows at the field it is about', () => {
    expect(silenceForm('id', 42, { duration: 'x' }, 'No.').fields[0]).toMatchObject({
      name: 'duration',
      value: 'x',
      error: 'No.',
    })
  })
})

describe('rules about Elasticsearch', () => {
  const subject = { name: 'A rule', severity: 'WARNING', app: '', route: '' }
  const asShown = (kind: string) =>
    Object.fromEntries(ruleFormStep('id', 2, { kind }).fields.map(({ name, value }) => [name, value ?? '']))
  const read = (kind: string, typed: Readonly<Record<string, string>>) =>
    readRuleForm({ ...subject, ...asShown(kind), kind, ...typed })

  test.each<[string, Readonly<Record<string, string>>, object]>([
    ['ELASTICSEARCH_HEALTH', { redFor: '30s' }, { yellowForSeconds: 300, redForSeconds: 30 }],
    [
      'ELASTICSEARCH_STORAGE',
      { criticalAbove: '95%' },
      { infoAbove: 0.5, warningAbove: 0.8, criticalAbove: 0.95 },
    ],
    ['ELASTICSEARCH_SHARDS', { firingInterval: '10m' }, { fewerThan: 500, firingIntervalSeconds: 600 }],
    ['HTTP_5XX', { index: 'logs-*', threshold: '2,5%' }, { threshold: 0.025, windowSeconds: 900 }],
    [
      'GATEWAY_4XX',
      { index: 'logs-*', allow: '10.0.0.0/8, 2001:db8::/32\n192.0.2.1' },
      { threshold: 500, windowSeconds: 1800, allow: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'] },
    ],
  ])('%s is made of what is shown, and what was changed', (kind, typed, condition) => {
    expect(read(kind, typed)).toMatchObject({ draft: { condition } })
  })

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    [
      'ELASTICSEARCH_HEALTH',
      { yellowFor: 'a while' },
      'yellowFor',
      'Not a length of time: try 1m, 5m or 1h.',
    ],
    [
      'ELASTICSEARCH_STORAGE',
      { warningAbove: 'much' },
      'warningAbove',
      'The share of the disk must be a number.',
    ],
    ['HTTP_5XX', { index: 'logs-*', window: '' }, 'window', 'Not a length of time: try 1m, 5m or 1h.'],
    ['HTTP_5XX', {}, 'index', 'Name the index, alias or data stream, such as logs-*.'],
    [
      'GATEWAY_4XX',
      { index: 'logs-*', allow: '10.0.0.0/8, office' },
      'allow',
      'office is neither an address nor a network: write 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32.',
    ],
    [
      'ELASTICSEARCH_SHARDS',
      { app: 'orders' },
      'app',
      'This watches the Elasticsearch cluster, not a service: leave the service out.',
    ],
  ])('%s: %j is shown at its field', (kind, typed, field, problem) => {
    expect(read(kind, typed)).toEqual({ problems: [{ field, problem }] })
  })

  test('whose readings say how long they must last, nobody is asked for how long', () => {
    expect(ruleFormStep('id', 2, { kind: 'ELASTICSEARCH_HEALTH' }).fields.map(({ name }) => name)).toEqual([
      'yellowFor',
      'redFor',
    ])
  })
})
