import { describe, expect, test } from 'vitest'
import { failureKinds } from '#engine/kubernetes/failure.ts'
import { plainLine } from '#engine/message/plain.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import { observeError, observeGone } from '#engine/rule/observe.ts'
import { previewNow } from '#engine/rule/preview.ts'
import type { PodsAnswer } from '#engine/telemetry/telemetry.ts'
import { readRuleForm, subjectProblems } from '#engine/view/rule-form.ts'
import { describeCondition } from '#engine/view/rule-list.ts'
import { aPod, before, noon } from '#test/harness/kubernetes-objects.ts'
import { ended, waits } from '#workers/demo/kubernetes/objects.ts'
import { watched } from '#test/harness/pod-readings.ts'
import { draftOf, parsed } from '#test/harness/rule-things.ts'

const kind = 'POD_FAILURE'

describe('a rule about pods', () => {
  test('leaves out what is usual', () => {
    expect(draftOf({ kind })).toMatchObject({
      evaluationIntervalSeconds: 15,
      condition: {
        namespaces: [],
        labelSelector: '',
        failures: failureKinds,
        severities: {},
        restarts: 3,
        windowSeconds: 900,
        imagePullSeconds: 120,
        pendingSeconds: 600,
        stableSeconds: 600,
      },
    })
  })

  test.each<[object, string]>([
    [{}, 'Pod failures of any kind on all namespaces'],
    [
      { namespaces: ['shop', 'pay'], labelSelector: 'app=web' },
      'Pod failures of any kind on shop, pay (app=web)',
    ],
    [{ failures: ['EVICTED', 'FAILED'] }, 'Pod failures of the kinds EVICTED, FAILED on all namespaces'],
  ])('%j is called "%s"', (parts, words) => {
    expect(describeCondition(draftOf({ kind, ...parts }).condition)).toBe(words)
  })

  test('asks for its pods, whatever the window', () => {
    const { condition } = draftOf({ kind, namespaces: ['shop'], labelSelector: '!canary' })
    expect(definitionOf(condition).question(condition, 'prod')).toEqual({
      about: 'pods',
      environment: 'prod',
      namespaces: ['shop'],
      selector: [{ key: 'canary', test: 'not exists', values: [] }],
      windowSeconds: 0,
    })
  })
})

describe('one that cannot work is refused with its field', () => {
  test.each<[object, string, RegExp]>([
    [{ scope: { appSlug: 'orders' } }, 'condition.scope.appSlug', /^Pods are found by namespace and labels/],
    [{ namespaces: 'shop' }, 'condition.namespaces', /must be a list of names/],
    [{ namespaces: ['shop', 'Shop_2'] }, 'condition.namespaces', /^"Shop_2" is no name of a namespace/],
    [
      { labelSelector: 'app in web' },
      'condition.labelSelector',
      /^"app in web" is no label requirement: write app=shop/,
    ],
    [{ failures: [] }, 'condition.failures', /^No failure is named/],
    [
      { failures: ['CrashLoopBackOff'] },
      'condition.failures.0',
      /^A failure must be one of OOM_KILLED, CRASH_LOOP/,
    ],
    [{ severities: { PENDING: 'BAD' } }, 'condition.severities.PENDING', /CRITICAL|severities/],
    [{ severities: { NODE: 'INFO' } }, 'condition.severities', /severities must be|NODE/],
    [
      { failures: ['FAILED'], severities: { PENDING: 'INFO' } },
      'condition.severities',
      /^severities has PENDING, but the rule does not watch for it/,
    ],
    [{ restarts: 0 }, 'condition.restarts', /every pod would fail/],
    [{ windowSeconds: 30 }, 'condition.windowSeconds', /^The window is shorter than 60 s/],
    [{ pendingSeconds: 90_000 }, 'condition.pendingSeconds', /^pendingSeconds is longer than 86400 s/],
    [{ stableSeconds: 1.5 }, 'condition.stableSeconds', /^stableSeconds must be a whole number of seconds/],
    [{ namespace: 'shop' }, 'condition', /^Unknown field namespace/],
  ])('%j', (parts, field, problem) => {
    expect(parsed({ kind, ...parts })).toEqual({
      problems: [{ field, problem: expect.stringMatching(problem) }],
    })
  })
})

describe('its form', () => {
  const values = {
    name: 'Pods',
    kind,
    severity: 'CRITICAL',
    app: '',
    route: '',
    namespaces: 'shop,  pay',
    selector: 'app=web',
    failures: 'crashes',
    restarts: '5 in 1h',
    for: '',
  }

  test('becomes a rule', () => {
    expect(readRuleForm(values)).toMatchObject({
      draft: {
        condition: {
          namespaces: ['shop', 'pay'],
          labelSelector: 'app=web',
          failures: ['CRASH_LOOP', 'RESTARTS', 'OOM_KILLED'],
          restarts: 5,
          windowSeconds: 3600,
        },
      },
    })
  })

  test.each<[object, string, RegExp]>([
    [{ namespaces: 'Shop' }, 'namespaces', /^"Shop" is no name of a namespace/],
    [{ selector: 'a b' }, 'selector', /is no label requirement/],
    [{ restarts: 'often' }, 'restarts', /such as 3 in 15m/],
    [{ restarts: '3 in a while' }, 'restarts', /^Not a length of time: try 1m, 5m or 1h/],
  ])('%j shows beside its field', (wrong, field, problem) => {
    expect(readRuleForm({ ...values, ...wrong })).toEqual({
      problems: [{ field, problem: expect.stringMatching(problem) }],
    })
  })

  test('says at the first step that pods have no service', () => {
    expect(subjectProblems({ ...values, app: 'orders' })).toEqual([
      { field: 'app', problem: expect.stringMatching(/namespace and labels/) },
    ])
  })

  test('shows before it is saved what it sees now', () => {
    const loops = {
      container: { restartCount: 4, state: waits('CrashLoopBackOff'), lastState: ended(before(noon, 1)) },
    }
    const answer: PodsAnswer = { about: 'pods', at: noon, pods: [watched([aPod(loops), noon])], jobs: [] }
    const said = previewNow(draftOf({ kind }), [answer])
      .lines.map((line) => plainLine(line))
      .join('\n')
    expect(said).toMatch(
      /Right now it would see 1 problem\.\norders-6d5f-x2x, container app: in a crash loop/,
    )
  })
})

test('that it could not be checked is over when it can, and a workload when it is gone', () => {
  const rule = {
    ...draftOf({ kind }, { errorPolicy: 'FIRE' }),
    id: 'r',
    environment: 'prod',
    createdAt: noon,
  }
  const failed = observeError(rule, 'nobody is there', noon)
  expect(failed?.summary).toBe('Could not be checked: nobody is there')
  expect(observeGone(rule, failed?.entity ?? '', noon).summary).toBe('It can be checked again.')
  expect(observeGone(rule, 'shop/orders', noon).summary).toBe('shop/orders is not there any more.')
})
