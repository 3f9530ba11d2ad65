import { expect, test } from 'vitest'
import type { Wording } from '#engine/message/wording.ts'
import { notificationWords, wordAlert } from '#engine/message/wording.ts'
import { anAlert } from '#test/harness/engine-things.ts'

const wording: Wording = {
  rule: { id: 'rule-1', name: 'Card payments', description: 'Call the bank', severity: 'CRITICAL' },
  environment: { slug: 'prod', name: 'Production' },
  titleTemplate: '',
  messageTemplate: '',
}

const alert = anAlert({ title: 'Card payments', summary: 'Error rate is 24 %.' })

test('an alert keeps its own words where its rule has none', () => {
  expect(wordAlert(alert, undefined)).toEqual({ title: 'Card payments', text: 'Error rate is 24 %.' })
  expect(wordAlert(alert, wording)).toEqual({ title: 'Card payments', text: 'Error rate is 24 %.' })
})

test.each([
  ['[{{rule.severity}}] {{rule.name}} — {{env.slug}}', '[CRITICAL] Card payments — prod'],
  [
    '{{alert.state}}: {{alert.currentValue}} of {{alert.threshold}} in {{env.name}}',
    'FIRING: 0.24 of 0.05 in Production',
  ],
  ['{{rule.description}} ({{alert.id}}){{alert.resolvedAt}}', 'Call the bank (alert-1)'],
  ['{{alert.entity}}: {{alert.summary}}', 'payment-service: Error rate is 24 %.'],
  ['{{labels.app}}{{labels.nothing}}{{labels.constructor}}', 'payment-service'],
  ['{{nobody.knows}}', '{{nobody.knows}}'],
  ['{{alert.resolvedAt}}', 'Card payments'],
])('a title written as %s', (titleTemplate, title) => {
  expect(wordAlert(alert, { ...wording, titleTemplate }).title).toBe(title)
})

test('a notification that is all somebody gets has the words of seed 004 where its rule has none', () => {
  expect(notificationWords(alert, wording)).toEqual({
    title: '[CRITICAL] Card payments — prod',
    text: 'Alert alert-1 fired at 2026-11-21T00:00:00.000Z. Value: 0.24, Threshold: 0.05',
  })
  const half = { ...wording, titleTemplate: 'Payments: {{pod.name}}' }
  const ofPod = { ...alert, facts: { 'pod.name': 'card-7d4b9c6f5-x2x7k', 'pod.reason': '' } }
  expect(notificationWords(ofPod, half).title).toBe('Payments: card-7d4b9c6f5-x2x7k')
})

test('what telemetry says never becomes a template, and no text is endless', () => {
  const hostile = { ...wording, rule: { ...wording.rule, name: '{{alert.id}} <!channel>' } }
  expect(wordAlert(alert, { ...hostile, messageTemplate: '{{rule.name}}' }).text).toBe(
    '{{alert.id}} <!channel>',
  )
  const long = {
    ...wording,
    messageTemplate: '{{rule.description}}',
    rule: { ...wording.rule, description: 'x'.repeat(9000) },
  }
  expect(wordAlert(alert, long).text.length).toBeLessThan(3000)
})
