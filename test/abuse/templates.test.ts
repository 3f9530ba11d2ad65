import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyTemplateProblem, renderBody } from '#engine/message/body-template.ts'
import { checkedTemplateProblem, renderChecked, TooMuch } from '#engine/message/checked-template.ts'
import { templateView } from '#engine/message/template-view.ts'
import { aTelling } from '#test/harness/connection-things.ts'

const json = 'application/json'
const viewOf = (parts: object) => {
  const { subject } = aTelling(parts)
  return subject ? templateView(subject) : expect.fail('no subject')
}

describe('abuse 7: an alert that wants to change the JSON it is told in', () => {
  const template =
    '{"text": "{{alert.summary}}", "nested": [{"said": "so: {{alert.summary}}!"}], "admin": false}'

  test.each([
    ['quotes and a key', '","admin":true,"x":"'],
    ['backslashes', '\\","admin":true,"x":"\\'],
    ['line breaks', 'a\nb\r\nc\tb'],
    ['the line separators of JavaScript', 'a\u2028b\u2029c'],
    ['a NUL', 'a\u0000b'],
    ['a lone surrogate', 'a\ud800b'],
    ['tags of its own', '{{rule.name}} {{{x}}} {{#alerts}}'],
    ['escapes of its own', '\\u0022,\\u0022admin\\u0022:true'],
  ])('by %s', (_how, summary) => {
    const body = renderBody(template, json, viewOf({ summary }))
    const said = summary.toWellFormed()
    expect(JSON.parse(body)).toEqual({ text: said, nested: [{ said: `so: ${said}!` }], admin: false })
    expect(body.isWellFormed()).toBe(true)
  })

  test('by anything at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (summary) => {
        const body: unknown = JSON.parse(renderBody(template, json, viewOf({ summary })))
        expect(Object.keys(body as object)).toEqual(['text', 'nested', 'admin'])
      }),
    )
  })

  test('in a body that is no JSON it is escaped as that body asks for', () => {
    const view = viewOf({ summary: '<b>&"\' a=b&c' })
    expect(renderBody('s={{alert.summary}}', 'application/x-www-form-urlencoded', view)).toBe(
      "s=%3Cb%3E%26%22'%20a%3Db%26c",
    )
    expect(renderBody('<i>{{alert.summary}}</i>', 'text/html', view)).toBe(
      '<i>&lt;b&gt;&amp;&quot;&#39; a=b&amp;c</i>',
    )
    expect(renderBody('{{alert.summary}}', 'text/plain', view)).toBe('<b>&"\' a=b&c')
  })

  test('a body that is JSON only once it is filled in is refused where it is saved', () => {
    expect(bodyTemplateProblem('{"value": {{alert.currentValue}}}', json)).toMatch(/^The body is no JSON/)
    expect(bodyTemplateProblem('{"a": {"b": "{{{x}}}"}}', json)).toBe(
      'a.b: Line 1, column 1: {{{x}}} goes around escaping: write {{name}}.',
    )
    expect(bodyTemplateProblem(`${'['.repeat(100)}${']'.repeat(100)}`, json)).toMatch(/nested too deeply/)
    expect(bodyTemplateProblem('{"text": "{{rule.name}}: {{alert.state}}"}', json)).toBeUndefined()
  })
})

describe('abuse 8: a template that wants more than names', () => {
  const nested = (depth: number) => `${'{{#alerts}}'.repeat(depth)}x${'{{/alerts}}'.repeat(depth)}`

  test.each([
    ['a {{{x}}}', 'Line 1, column 3: {{{x}}} goes around escaping: write {{name}}.'],
    ['a\nb {{&x}}', 'Line 2, column 3: {{&x}} goes around escaping: write {{name}}.'],
    ['{{>p}}', 'Line 1, column 1: {{>p}} is a partial, and there are none: write it out.'],
    ['{{=<% %>=}}', 'Line 1, column 1: {{=<% %>=}} changes the delimiters: keep {{ and }}.'],
    ['{{constructor.name}}', 'Line 1, column 1: no variable is called constructor.name.'],
    ['{{hasOwnProperty}}', 'Line 1, column 1: no variable is called hasOwnProperty.'],
    ['{{alert.__proto__}}', 'Line 1, column 1: no variable is called alert.__proto__.'],
    [
      '{{#alerts}}{{{title}}}{{/alerts}}',
      'Line 1, column 12: {{{title}}}{{/alerts goes around escaping: write {{name}}.',
    ],
    [nested(6), 'Line 1, column 45: more than 4 sections inside each other: flatten it.'],
    ['x'.repeat(1024 ** 2), 'The template is longer than 16 KB.'],
    ['{{#open}}', 'The template cannot be read: Unclosed section "open" at 9.'],
  ])('%.30s is refused, with its place', (template, problem) => {
    expect(checkedTemplateProblem(template)).toBe(problem)
  })

  test('what was refused and is rendered all the same says nothing it should not', () => {
    const view = { alert: { toString: () => 'called', constructor: 'fine' }, run: () => 'called' }
    expect(renderChecked('{{run}}{{alert}}{{alert.valueOf}}{{.}}', view)).toBe('{{alert.valueOf}}')
  })

  test('what it comes to is bounded, long before it fills the memory', () => {
    const alerts = Array.from({ length: 1000 }, () => ({ title: 'x'.repeat(1000) }))
    const often = '{{#alerts}}{{#alerts}}{{#alerts}}{{#alerts}}{{/alerts}}{{/alerts}}{{/alerts}}{{/alerts}}'
    expect(checkedTemplateProblem(often)).toBeUndefined()
    expect(() => renderChecked(often, { alerts })).toThrow(TooMuch)
    expect(() =>
      renderChecked('{{#alerts}}{{title}}{{#alerts}}{{title}}{{/alerts}}{{/alerts}}', { alerts }),
    ).toThrow(TooMuch)
    expect(renderChecked('{{#alerts}}.{{/alerts}}', { alerts })).toBe('.'.repeat(50))
  })

  test('what was accepted can be rendered, whatever it is', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{{{',
      '#',
      '/',
      '^',
      'alerts',
      'alert.title',
      '&',
      '!',
      '=',
      ' ',
      '>',
      '.',
    )
    const view = viewOf({})
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const template = pieces.join('')
        if (checkedTemplateProblem(template) === undefined)
          expect(typeof renderChecked(template, view)).toBe('string')
      }),
      { numRuns: 1000 },
    )
  })
})

describe('abuse 19: names that JavaScript knows', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is a label like any other',
    (name) => {
      const labels = JSON.parse(`{"${name}": "said"}`) as Record<string, string>
      const view = viewOf({ labels })
      expect(renderChecked('{{labels.app}}|', view)).toBe('|')
      expect(({} as Record<string, unknown>)['said']).toBeUndefined()
      const body = renderBody(`{"${name}": "{{alert.state}}"}`, json, view)
      expect(body).toBe(`{"${name}":"FIRING"}`)
    },
  )
})
