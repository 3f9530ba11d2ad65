import { describe, expect, test } from 'vitest'
import {
  type AlertQuery,
  pageOfAlerts,
  readAlertQuery,
  readFilter,
  selectAlerts,
  selectGroups,
  selectSilences,
} from '#engine/view/alertmanager-query.ts'
import { at, silence, standing, team } from './alertmanager-things.ts'

function query(text: string): AlertQuery {
  const read = readAlertQuery(new URLSearchParams(text))
  if ('refusal' in read) throw new Error(JSON.stringify(read.refusal))
  return read.query
}

describe('what a query leaves out', () => {
  const all = [
    standing({ alertname: 'plain', severity: 'critical' }, { receivers: ['default', 'second'] }),
    standing({ alertname: 'quiet' }, { silencedBy: ['s'] }),
    standing({ alertname: 'inhibited' }, { inhibitedBy: ['f'] }),
    standing({ alertname: 'in-both' }, { silencedBy: ['s'], inhibitedBy: ['f'] }),
    standing({ alertname: 'over' }, { end: 9 }),
    standing({ alertname: 'ends now' }, { end: 10 }),
  ]
  const found = (text: string) =>
    selectAlerts(all, query(text), at(10)).map(({ alert }) => alert.labels['alertname'])

  test.each([
    ['', ['plain', 'quiet', 'inhibited', 'in-both', 'ends now']],
    ['active=false', ['quiet', 'inhibited', 'in-both']],
    ['silenced=false', ['plain', 'inhibited', 'ends now']],
    ['inhibited=false', ['plain', 'quiet', 'ends now']],
    ['active=true&silenced=false&inhibited=false&unprocessed=false', ['plain', 'ends now']],
    ['receiver=sec.*', ['plain']],
    ['receiver=sec', []],
    ['receiver=', ['plain', 'quiet', 'inhibited', 'in-both', 'ends now']],
    ['filter=severity%3D%22critical%22', ['plain']],
    ['filter=alertname%3D~%22in.*%22', ['inhibited', 'in-both']],
    ['filter=alertname!~%22in.*%22&filter=severity%3D', ['quiet', 'ends now']],
  ])('%s', (text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  test.each([
    ['', true],
    ['active=', true],
    ['active=TRUE', true],
    ['active=yes', true],
    ['active=enabled', true],
    ['active=0', false],
    ['active=maybe', false],
    ['active=%20true', false],
    ['active=false&active=true', true],
    ['active=true&active=false', false],
  ])('%j: active is %s', (text, expected) => {
    expect(query(text).active).toBe(expected)
  })

  test.each([
    ['filter=nonsense', /^bad matcher format: nonsense/],
    ['filter=', /^bad matcher format/],
    ['filter=a%3D~(', /^error parsing regexp: missing closing/],
    ['receiver=(', /^failed to parse receiver param: error parsing regexp: missing closing/],
    ['limit=0', /limit must be a number/],
    ['limit=1e9', /limit must be a number/],
  ])('%s is refused with a plain text', (text, expected) => {
    expect(readAlertQuery(new URLSearchParams(text))).toEqual({
      refusal: { status: 400, body: expect.stringMatching(expected) },
    })
  })

  test('groups lose the alerts that are not wanted, and are gone with the last', () => {
    const groups = [
      { labels: { g: '1' }, receiver: 'default', alerts: all.slice(0, 2) },
      {
        labels: { g: '2' },
        receiver: 'second',
        alerts: [standing({ alertname: 'night' }, { mutedBy: ['night'] })],
      },
    ]
    const names = (text: string) =>
      selectGroups(groups, query(text), at(10)).map(({ labels, alerts }) => `${labels['g']}:${alerts.length}`)
    expect(names('')).toEqual(['1:2', '2:1'])
    expect(names('silenced=false')).toEqual(['1:1', '2:1'])
    expect(names('muted=false')).toEqual(['1:2'])
    expect(names('receiver=second')).toEqual(['2:1'])
    expect(names('filter=alertname%3Dnone')).toEqual([])
  })

  test('pages by fingerprint reach every alert once', () => {
    const seen: string[] = []
    for (let after = ''; ; after = seen.at(-1) ?? '') {
      const page = pageOfAlerts(all, { ...query('limit=4'), after })
      if (page.length === 0) break
      expect(page.length).toBeLessThanOrEqual(4)
      seen.push(...page.map(({ alert }) => alert.fingerprint))
    }
    expect(seen).toEqual(all.map(({ alert }) => alert.fingerprint).toSorted())
    expect(pageOfAlerts(all, query(''))).toEqual(all)
  })
})

describe('silences', () => {
  test('are found by what they say, not by what they cover', () => {
    const all = [
      silence('1', 0, 9),
      silence('2', 0, 9, [{ name: 'team', operator: '=~', value: 'a' }]),
      silence('3', 0, 9, [team, { ...team, name: 'b' }]),
    ]
    const found = (text: string) => {
      const read = readFilter(new URLSearchParams(text))
      return 'matchers' in read ? selectSilences(all, read.matchers).map(({ id }) => id) : read.refusal
    }
    expect(found('filter=team%3D"a"')).toEqual(['1', '3'])
    expect(found('filter=team%3D~a')).toEqual(['2'])
    expect(found('filter=team%3Da&filter=b%3Da')).toEqual(['3'])
    expect(found('')).toEqual(['1', '2', '3'])
    expect(found('filter=team')).toMatchObject({ status: 400 })
  })
})
