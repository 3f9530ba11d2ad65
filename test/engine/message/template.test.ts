import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Mustache } from '#engine/message/mustache.ts'
import { renderTemplate, templateProblem } from '#engine/message/template.ts'

const variables = {
  rule: { name: 'Checkout <b>&</b> "friends"', severity: 'CRITICAL' },
  env: { slug: 'prod' },
}

describe('templates', () => {
  test.each([
    ['[{{rule.severity}}] {{rule.name}} — {{env.slug}}', '[CRITICAL] Checkout <b>&</b> "friends" — prod'],
    ['{{{rule.name}}}', 'Checkout <b>&</b> "friends"'],
    ['{{rule.nme}}|{{nobody.home}}', '|'],
    ['{{#rule.severity}}loud{{/rule.severity}}{{^rule.none}} and clear{{/rule.none}}', 'loud and clear'],
    ['{{constructor}}{{rule.constructor.name}}{{__proto__}}{{rule.toString}}', ''],
    ['{{rule}}{{{rule}}}{{.}}', ''],
    ['{{> /etc/passwd}}', ''],
    ['plain', 'plain'],
    ['', ''],
  ])('%s', (template, text) => {
    expect(renderTemplate(template, variables)).toBe(text)
  })

  test.each(['{{#open}}', '{{/closed}}', '{{#a}}{{/b}}', '{{unclosed', '{{=<% %}}'])(
    '%s cannot be used, and why is said',
    (template) => {
      expect(templateProblem(template)).toMatch(/^The template cannot be read: .+\.$/)
    },
  )

  test('what was accepted can be rendered, whatever it is', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{{{',
      '}}}',
      '#',
      '/',
      '^',
      'rule',
      '.',
      'name',
      '&',
      '!',
      '=',
      ' ',
      '>',
      'x',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const template = pieces.join('')
        if (templateProblem(template) === undefined)
          expect(typeof renderTemplate(template, variables)).toBe('string')
      }),
      { numRuns: 1000 },
    )
  })
})

test('a thousand templates that were tried once are not kept for ever', () => {
  const isKept = (template: string) => Mustache.templateCache?.get(`${template}:{{:}}`) !== undefined
  const templates = Array.from({ length: 1000 }, (_, index) => `{{rule.name}} ${index}`)
  for (const template of templates) expect(templateProblem(template)).toBeUndefined()
  expect(templates.filter(isKept).length).toBeLessThanOrEqual(500)
  expect(isKept('{{rule.name}} 999')).toBe(true)
})
