import { describe, expect, test } from 'vitest'
import { parseLabelSelector, selects } from '#engine/kubernetes/label-selector.ts'

function finds(selector: string, labels: Record<string, string>): boolean {
  const parsed = parseLabelSelector(selector)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return selects(parsed.selector, labels)
}

describe('a label selector selects as kubectl -l does', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['', {}, true],
    ['app=web', { app: 'web' }, true],
    ['app = web', { app: 'web' }, true],
    ['app==web', { app: 'web' }, true],
    ['app=web', { app: 'webs' }, false],
    ['app=web', {}, false],
    ['app!=web', {}, true],
    ['app!=web', { app: 'web' }, false],
    ['app=', { app: '' }, true],
    ['app', { app: '' }, true],
    ['app', {}, false],
    ['!app', {}, true],
    ['!app', { app: 'x' }, false],
    ['tier in (web, api)', { tier: 'api' }, true],
    ['tier in (web,api)', { tier: 'db' }, false],
    ['tier in (web)', {}, false],
    ['tier notin (test)', {}, true],
    ['tier notin (test)', { tier: 'test' }, false],
    ['app=web,tier in (a,b),!canary', { app: 'web', tier: 'b' }, true],
    ['app=web,tier in (a,b),!canary', { app: 'web', tier: 'b', canary: '' }, false],
    ['app.kubernetes.io/name=web', { 'app.kubernetes.io/name': 'web' }, true],
    ['in in (in)', { in: 'in' }, true],
    ['constructor', {}, false],
  ])('%j over %j: %j', (selector, labels, expected) => {
    expect(finds(selector, labels)).toBe(expected)
  })
})

describe('what is none is refused with the place', () => {
  test.each<[string, RegExp]>([
    ['app=web,', /^"" is no label requirement: write app=shop/],
    ['app in web', /^"app in web" is no label requirement/],
    ['app in (web', /is no label requirement/],
    ['a b', /^"a b" is no label requirement/],
    ['=web', /is no label requirement/],
    ['-app=web', /^"-app" is no name of a label/],
    ['a/b/c', /^"a\/b\/c" is no name of a label/],
    ['app=we b', /is no label requirement/],
    [`app=${'x'.repeat(64)}`, /is no value of a label/],
    ['app in (a, $b)', /^"\$b" is no value of a label/],
  ])('%j', (selector, problem) => {
    expect(parseLabelSelector(selector)).toEqual({ problem: expect.stringMatching(problem) })
  })
})
