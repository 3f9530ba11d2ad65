import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprint } from '#engine/fingerprint.ts'
import { compareLabels, compareText, isLabelName, labelValue, type Labels } from '#engine/labels.ts'

describe('the fingerprint is the one that Alertmanager prints', () => {
  /** Answers of Alertmanager 0.25.0. */
  test.each([
    ['08e99c42b5308a1e', { alertname: 'nl' }],
    ['4dc379b2b70df920', { alertname: 'annnull' }],
    ['6aa498fb349f0eff', { alertname: 'C', cluster: '1', job: 'j', severity: 'critical' }],
    ['e50ae34bcf0930d6', { alertname: 'C', severity: 'warning' }],
    ['d9936842cb031649', { alertname: 'a\0b' }],
    ['20c70310f93956e8', { alertname: 'a\ufffdb' }],
  ])('%s of %o', (expected, labels) => {
    expect(fingerprint(labels)).toBe(expected)
  })

  test('of no labels it is the offset of the hash', () => {
    expect(fingerprint({})).toBe('cbf29ce484222325')
  })

  test('the order in which labels are written does not matter, and every byte does', () => {
    fc.assert(
      fc.property(anyLabels(), (labels) => {
        const backwards = Object.fromEntries(Object.entries(labels).reverse())
        expect(fingerprint(backwards)).toBe(fingerprint(labels))
        expect(fingerprint(labels)).toBe(slowFingerprint(labels))
      }),
    )
  })
})

/** The formula as it is written down, in big integers. */
function slowFingerprint(labels: Labels): string {
  const bytes = Object.keys(labels)
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .flatMap((name) => [...Buffer.from(name), 0xff, ...Buffer.from(labels[name] ?? ''), 0xff])
  const hash = bytes.reduce(
    (state, byte) => BigInt.asUintN(64, (state ^ BigInt(byte)) * 1_099_511_628_211n),
    14_695_981_039_346_656_037n,
  )
  return hash.toString(16).padStart(16, '0')
}

function anyLabels(): fc.Arbitrary<Labels> {
  return fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }))
}

describe('label names', () => {
  test.each([
    ['alertname', true, true],
    ['_private9', true, true],
    ['9lives', false, true],
    ['a-b', false, true],
    ['a:b', false, true],
    ['Σ', false, true],
    ['', false, false],
    ['__proto__', true, true],
    ['a\0b', false, false],
    ['\ud800', false, false],
  ])('%j: classic %s, UTF-8 %s', (name, classic, utf8) => {
    expect(isLabelName(name, 'classic')).toBe(classic)
    expect(isLabelName(name, 'utf8')).toBe(utf8)
  })

  test('what an object inherits is no label', () => {
    expect(labelValue({}, 'constructor')).toBe('')
  })
})

describe('order', () => {
  test('text is ordered by its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        expect(Math.sign(compareText(one, other))).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)))
      }),
    )
  })

  test.each([
    ['a smaller set first', { z: '1' }, { a: '1', b: '1' }],
    ['then by value', { a: '1', b: '1' }, { a: '1', b: '2' }],
    ['lacking the first name comes first', { b: '1' }, { a: '1' }],
  ])('%s', (_, one, other) => {
    expect(compareLabels(one, other)).toBeLessThan(0)
    expect(compareLabels(other, one)).toBeGreaterThan(0)
  })
})
