import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer } from '#bot/api/server.ts'
import { type ApiHouse, startApiHouse } from '#test/harness/api-house.ts'
import { registeredRoutes } from '#test/harness/registered-routes.ts'

let house: ApiHouse
let server: FastifyInstance

beforeAll(async () => {
  house = await startApiHouse()
  const access = { kind: 'token', token: '0123456789abcdef0123456789abcdef' } as const
  server = await openServer({ desk: house.desk, log: house.desk.log, access })
  await server.ready()
})
afterAll(async () => {
  await server.close()
  await house.close()
})

function ask(method: string, url: string, payload?: string) {
  return server.inject({
    method: method as 'GET',
    url,
    headers: {
      host: 'alerts.example.com',
      authorization: 'Bearer 0123456789abcdef0123456789abcdef',
      ...(payload !== undefined && { 'content-type': 'application/json' }),
    },
    ...(payload !== undefined && { payload }),
  })
}

/** With every parameter as hostile as it can be written. */
const pathOf = (pattern: string, parameter: string) => pattern.replaceAll(/:[\w|:]+|\*/g, parameter)

const deep = (open: string, close: string, levels = 90_000) => open.repeat(levels) + close.repeat(levels)

/** Fields that many routes know, each with something no database keeps. */
const knownFields =
  'id name entity check entities checks matchers source target reason kind settings secrets labels members address route receivers tags summary title'.split(
    ' ',
  )
const filledWith = (value: unknown) =>
  JSON.stringify({
    ...Object.fromEntries(knownFields.map((field) => [field, value])),
    severity: 'critical',
    state: 'critical',
    type: 'service',
    duration: '1h',
    durationSeconds: 60,
  })

const bodies: readonly (readonly [string, string])[] = [
  ['arrays in arrays', deep('[', ']')],
  ['objects in objects', `${'{"a":'.repeat(90_000)}1${'}'.repeat(90_000)}`],
  ['arrays in a known field', `{"name":"a","settings":${deep('[', ']')},"matchers":${deep('[', ']')}}`],
  ['NUL in an entity', String.raw`{"entity":"a\u0000","check":"b\u0000"}`],
  ['NUL as every text', filledWith('a\0b')],
  ['half a character as every text', filledWith('a\ud800b').replaceAll('\ud800', String.raw`\ud800`)],
  ['lists of NUL', filledWith(['\0'])],
  ['objects with a NUL for a name', filledWith({ '\0': '\0' })],
  ['numbers no computer holds', filledWith(0).replaceAll(':0', ':1e999')],
  ['an own prototype', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'],
  ['null', 'null'],
  ['nothing', ''],
  ['half of something', '{"name":'],
]

const parameters = ['%00', '..%2F..%2Fetc', '__proto__', 'constructor', '%F0%9F%98%80', '9'.repeat(40), "'--"]

describe('abuse 11 and 19: whatever is sent to whichever route', () => {
  test.each(bodies)('a body of %s is refused or taken, and never a failure of ours', async (_what, body) => {
    const changing = registeredRoutes(server).filter((route) => !route.startsWith('GET '))
    expect(changing.length).toBeGreaterThan(60)
    const failed: string[] = []
    for (const route of changing) {
      const [method = '', pattern = ''] = route.split(' ')
      const url = pathOf(pattern.replace(':env', 'prod'), 'a')
      const { statusCode } = await ask(method, url, body)
      if (statusCode >= 500) failed.push(`${route}: ${statusCode}`)
    }
    expect(failed).toEqual([])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test.each(parameters)('%s in the place of every name is never a failure of ours', async (parameter) => {
    const failed: string[] = []
    for (const route of registeredRoutes(server)) {
      const [method = '', pattern = ''] = route.split(' ')
      const url = `${pathOf(pattern, parameter)}?cursor=${parameter}&filter=${parameter}&prefix=${parameter}`
      const { statusCode } = await ask(method, url, method === 'GET' ? undefined : '{}')
      if (statusCode >= 500) failed.push(`${route}: ${statusCode}`)
    }
    expect(failed).toEqual([])
  })
})
