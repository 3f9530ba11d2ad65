import { describe, expect, test } from 'vitest'
import { renderBody, templatesIn } from '#engine/message/body-template.ts'
import { bodyNames, ruleNames, variableWarnings } from '#engine/message/template-names.ts'
import { exampleView, templateView } from '#engine/message/template-view.ts'
import { type ConditionKind, conditionDefinitions, conditionKinds } from '#engine/rule/conditions/registry.ts'
import { templateWarnings } from '#engine/rule/template-warnings.ts'
import { aTelling } from '#test/harness/connection-things.ts'
import { draftOf } from '#test/harness/rule-things.ts'

const namesOf = (kind: ConditionKind) => ruleNames(conditionDefinitions[kind].variables)
const warn = (template: string, kind: ConditionKind) => variableWarnings(template, 'title', namesOf(kind))

describe('names that seed 004 gives are known to every kind', () => {
  const template =
    '{{rule.name}}{{rule.severity}}{{rule.description}}{{alert.id}}{{alert.state}}{{alert.firedAt}}{{alert.resolvedAt}}' +
    '{{alert.currentValue}}{{alert.threshold}}{{alert.link}}{{env.slug}}{{env.name}}'
  test.each(conditionKinds)('%s', (kind) => {
    expect(warn(template, kind)).toEqual([])
  })
})

test.each<[string, ConditionKind, string]>([
  ['{{route.id}}', 'JVM_METRIC', '{{route.id}} is not available here and stays as it is written.'],
  ['{{exchange.route}}', 'EXCHANGE_MATCH', 'Nearest are {{exchange.routeId}}, '],
  ['{{agent.stat}}', 'AGENT_STATE', 'Nearest are {{agent.state}}, '],
  ['{{pod.nmae}}', 'POD_FAILURE', 'Nearest are {{pod.name}}, '],
  ['{{rule.nam}}', 'LOG_PATTERN', 'Nearest are {{rule.name}}, '],
  ['{{client}}{{cleints}}', 'GATEWAY_4XX', '{{cleints}} is not available here'],
  ['{{alert.number}}', 'ROUTE_METRIC', '{{alert.number}} is not available here'],
])('%s in a rule of kind %s is warned of', (template, kind, words) => {
  const [warning, ...more] = warn(template, kind)
  expect(warning).toContain(words)
  expect(more).toEqual([])
})

test.each<[string, ConditionKind]>([
  ['{{#exchange}}{{id}} on {{routeId}}{{/exchange}}', 'EXCHANGE_MATCH'],
  ['{{labels.anything}}{{#labels}}{{app}}{{/labels}}{{^pod.container}}none{{/pod.container}}', 'POD_FAILURE'],
  ['no names at all', 'HTTP_5XX'],
])('%s needs no warning', (template, kind) => {
  expect(warn(template, kind)).toEqual([])
})

test("a rule is warned of its title, its message and the bodies it gives webhooks, by its kind's names", () => {
  const draft = draftOf(
    { kind: 'AGENT_STATE', scope: {}, state: 'DEAD', forSeconds: 60 },
    {
      notificationTitleTmpl: '{{agent.id}} {{log.level}}',
      notificationMessageTmpl: '{{deployment.id}}',
      webhooks: [
        {
          outboundConnectionId: '5f0f7a52-5d0c-4a57-8d0e-3d2a9f1c0001',
          bodyOverride: '{"a": "{{agent.state}} {{alert.number}} {{clients}}"}',
        },
      ],
    },
  )
  expect(templateWarnings(draft).map((warning) => warning.split(' is ')[0])).toEqual([
    'notificationTitleTmpl: {{log.level}}',
    'notificationMessageTmpl: {{deployment.id}}',
    'webhooks.0.bodyOverride: {{clients}}',
  ])
})

test("the body of a connection may name what any kind has, and says nothing of what this alert's kind has not", () => {
  const body = '{"text": "{{pod.name}}|{{exchange.id}}|{{clients}}|{{notification.title}}|{{nobody.knows}}"}'
  const [inside = ''] = templatesIn(body, 'application/json')
  expect(variableWarnings(inside, 'bodyTemplate', bodyNames)).toEqual([
    expect.stringContaining('{{nobody.knows}} is not available'),
  ])
  const { subject } = aTelling({
    facts: { 'pod.name': 'orders-1' },
    notification: { title: '[CRITICAL] Pods — prod', message: '' },
  })
  const view = subject ? templateView(subject) : expect.fail('no subject')
  expect(renderBody(body, 'application/json', view)).toBe(
    '{"text":"orders-1|||[CRITICAL] Pods — prod|{{nobody.knows}}"}',
  )
  expect(renderBody(body, 'application/json', exampleView())).toContain('orders-7d4b9c6f5-x2x7k|b2f1c0de')
})
