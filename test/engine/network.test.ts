import { BlockList, isIP } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWithin, parseAddress, parseNetwork } from '#engine/network.ts'

describe('what is in a network', () => {
  test.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['0.0.0.0/0', '203.0.113.7', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '203.0.113.7', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['2001:DB8::1', '2001:db8:0:0:0:0:0:1', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['fe80::/10', 'fe80::1%eth0', true],
  ])('%s holds %s: %s', (network, address, expected) => {
    const known = parseNetwork(network)
    const place = parseAddress(address)
    if (known === undefined || place === undefined) throw new Error('not understood')
    expect(isWithin(known, place)).toBe(expected)
  })

  test('it agrees with Node about any address and any network', () => {
    const version4 = fc.record({ address: fc.ipV4(), length: fc.integer({ min: 0, max: 32 }) })
    const version6 = fc.record({ address: fc.ipV6(), length: fc.integer({ min: 0, max: 128 }) })
    for (const [some, family] of [
      [version4, 'ipv4'],
      [version6, 'ipv6'],
    ] as const)
      fc.assert(
        fc.property(some, some, ({ address, length }, { address: other }) => {
          const list = new BlockList()
          list.addSubnet(address, length, family)
          const known = parseNetwork(`${address}/${length}`)
          const place = parseAddress(other)
          expect(known !== undefined && place !== undefined && isWithin(known, place)).toBe(
            list.check(other, family),
          )
        }),
        { numRuns: 500 },
      )
  })
})

test('text is an address where Node says so, zones aside', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789abf.:'.split('')), maxLength: 20 })
  fc.assert(
    fc.property(fc.oneof(digits, fc.ipV4(), fc.ipV6()), (text) => {
      expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0)
    }),
    { numRuns: 3000 },
  )
})

test.each([
  '',
  '10.0.0.0/33',
  '2001:db8::/129',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  'localhost',
  '010.0.0.1',
])('"%s" is no network', (text) => expect(parseNetwork(text)).toBeUndefined())
