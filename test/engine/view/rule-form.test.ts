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

  test.each<[object, object]>([
    [
      { threshold: '5% until 3%', window: '5m with 100' },
      { threshold: 0.05, recoveryThreshold: 0.03, windowSeconds: 300, minimumSamples: 100 },
    ],
    [
      {
        kind: 'JVM_METRIC',
        metric: 'heap',
        looksAt: 'MAX GT',
        threshold: '900 UNTIL 800',
        window: '2m with 3',
      },
      { threshold: 900, recoveryThreshold: 800, windowSeconds: 120, minimumSamples: 3 },
    ],
    [
      { kind: 'LOG_PATTERN', level: 'ERROR', pattern: 'x', threshold: '1,000 until 2', window: '1h' },
      { threshold: 1000, recoveryThreshold: 2, windowSeconds: 3600 },
    ],
    [
      {
        kind: 'HTTP_5XX',
        index: 'logs-*',
        statusField: 's',
        threshold: '10% until 0',
        window: '15m with 20',
      },
      { threshold: 0.1, recoveryThreshold: 0, windowSeconds: 900, minimumSamples: 20 },
    ],
  ])('%o is when it is over, and from how many samples on it is judged', (typed, condition) => {
    expect(readRuleForm({ ...values, ...typed })).toMatchObject({ draft: { condition } })
  })

  test.each<[object, string, string]>([
    [{ threshold: '5% until 9%' }, 'threshold', 'recovery threshold must be at or below'],
    [{ threshold: '5% until soon' }, 'threshold', 'The recovery threshold must be a number.'],
    [{ threshold: '5% until' }, 'threshold', 'The recovery threshold must be a number.'],
    [{ window: '5m with few' }, 'window', 'minimumSamples must be a whole number.'],
    [{ window: '5m with 0' }, 'window', 'minimumSamples is 1 or more'],
    [{ metric: 'ERROR_COUNT', threshold: '5', window: '5m with 10' }, 'window', 'never made of too few'],
  ])('%o is refused at its field', (typed, field, words) => {
    const read = readRuleForm({ ...values, ...typed })
    expect(read).toEqual({ problems: [{ field, problem: expect.stringContaining(words) }] })
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
