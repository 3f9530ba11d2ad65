import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { TupleParam } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openOrdinaryClient, type OrdinaryClient } from './ordinary-client.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let clickHouse: OrdinaryClient

beforeAll(async () => {
  clickHouse = await openOrdinaryClient()
})
afterAll(() => clickHouse.close())

describe('statements', () => {
  test('tables are created, filled by a stream of rows and read back', async () => {
    await clickHouse.client.command({
      query: `CREATE TABLE orders (id UInt64, at DateTime64(3, 'UTC'), tags Map(String, String), shop LowCardinality(String))
              ENGINE = MergeTree ORDER BY id`,
    })
    function* orders() {
      const at = '2026-01-02 03:04:05.678'
      for (let id = 0; id < 20_000; id++) yield { id, at, tags: { n: `${id}` }, shop: 'a' }
    }
    await clickHouse.client.insert({
      table: 'orders',
      values: Readable.from(orders()),
      format: 'JSONEachRow',
    })
    expect(
      await clickHouse.rows("SELECT toUInt32(count()) AS n, max(tags['n']) AS last FROM orders"),
    ).toEqual([{ n: 20_000, last: '9999' }])
    expect(
      await clickHouse.rows('SELECT * FROM orders WHERE id = 7', {
        clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
      }),
    ).toEqual([{ id: '7', at: '2026-01-02 03:04:05.678', tags: { n: '7' }, shop: 'a' }])
  })

  test('integers beyond what a JSON number holds survive as text', async () => {
    const settings = { clickhouse_settings: { output_format_json_quote_64bit_integers: 1 as const } }
    expect(await clickHouse.rows('SELECT toUInt64(18446744073709551615) AS big', settings)).toEqual([
      { big: '18446744073709551615' },
    ])
  })

  test('a database named by the client is the one its queries use', async () => {
    await clickHouse.client.command({ query: 'CREATE DATABASE IF NOT EXISTS `odd ``name`' })
    const other = clickHouse.open({ database: 'odd `name' })
    try {
      await other.command({ query: 'CREATE TABLE here (a UInt8) ENGINE = MergeTree ORDER BY a' })
      const result = await other.query({ query: 'SELECT currentDatabase() AS name', format: 'JSONEachRow' })
      expect(await result.json()).toEqual([{ name: 'odd `name' }])
    } finally {
      await other.close()
    }
    expect((await clickHouse.failure(clickHouse.rows('SELECT * FROM here'))).type).toBe('UNKNOWN_TABLE')
  })

  test('large results arrive compressed when the client asks, and so do inserts', async () => {
    const packing = clickHouse.open({ compression: { request: true, response: true } })
    try {
      await packing.command({ query: 'CREATE TABLE packed (a String) ENGINE = MergeTree ORDER BY a' })
      const values = Array.from({ length: 5_000 }, (_, index) => ({ a: `row ${index}` }))
      await packing.insert({ table: 'packed', values, format: 'JSONEachRow' })
      const result = await packing.query({ query: 'SELECT a FROM packed', format: 'JSONEachRow' })
      expect(await result.json()).toHaveLength(5_000)
    } finally {
      await packing.close()
    }
    const { origin, username, password } = new URL(clickHouse.url)
    const response = await fetch(`${origin}/`, {
      method: 'POST',
      body: gzipSync("SELECT repeat('x', 100000)"),
      headers: { 'x-clickhouse-user': username, 'x-clickhouse-key': password, 'content-encoding': 'gzip' },
    })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(await response.text()).toHaveLength(100_001)
  })
})

describe('parameters', () => {
  const hostile = [
    "it's",
    'a\\b',
    '\\',
    "\\'",
    'tab\tline\nreturn\r',
    'nul\0after',
    '💥 ünï',
    "'; DROP TABLE orders --",
    '{x:String}',
    '%27',
    '',
  ]

  test('text arrives exactly as it was given, alone, in arrays, tuples and maps', async () => {
    for (const text of hostile) {
      const [row] = await clickHouse.rows(
        `SELECT {text:String} AS text, {list:Array(String)} AS list, {pair:Tuple(String, UInt8)} AS pair,
                {map:Map(String, String)} AS map`,
        {
          query_params: { text, list: [text, text], pair: new TupleParam([text, 1]), map: { [text]: text } },
        },
      )
      expect(row).toEqual({ text, list: [text, text], pair: [text, 1], map: { [text]: text } })
    }
  })

  test('times, numbers, nothing and names arrive as their types', async () => {
    const at = new Date('2026-03-04T05:06:07.089Z')
    expect(
      await clickHouse.rows(
        `SELECT {at:DateTime64(3, 'UTC')} AS at, {n:Float64} AS n, {none:Nullable(String)} AS none, {is:Bool} AS is,
                {column:Identifier} FROM (SELECT 5 AS \`odd name\`)`,
        { query_params: { at, n: -1.5, none: null, is: true, column: 'odd name' } },
      ),
    ).toEqual([{ at: '2026-03-04 05:06:07.089', n: -1.5, none: null, is: true, 'odd name': 5 }])
  })

  test('a parameter of one query is not there for the next', async () => {
    await clickHouse.rows('SELECT {secret:String} AS secret', { query_params: { secret: 'x' } })
    expect((await clickHouse.failure(clickHouse.rows('SELECT {secret:String} AS secret'))).type).toBe(
      'UNKNOWN_QUERY_PARAMETER',
    )
  })

  test('parameters of queries running side by side do not mix', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        clickHouse.rows('SELECT {n:UInt32} AS n, sleep(0.01) AS s', { query_params: { n } }),
      ),
    )
    expect(answers.flat()).toEqual(Array.from({ length: 40 }, (_, n) => ({ n, s: 0 })))
  })
})

describe('settings', () => {
  test('a setting holds for its query and not for the next', async () => {
    const query = "SELECT getSetting('max_block_size') AS size"
    const [before] = await clickHouse.rows(query)
    expect(await clickHouse.rows(query, { clickhouse_settings: { max_block_size: '77' } })).not.toEqual([
      before,
    ])
    for (let attempt = 0; attempt < 6; attempt++) expect(await clickHouse.rows(query)).toEqual([before])
  })

  test('a SET sent as a query changes nothing for later queries', async () => {
    await clickHouse.client.command({ query: 'SET max_block_size = 99' })
    const [row] = await clickHouse.rows("SELECT toString(getSetting('max_block_size')) AS size")
    expect(row).not.toEqual({ size: '99' })
  })

  test('memory and time are bounded without being asked for, and no limit is not to be had', async () => {
    const limits =
      "SELECT toUInt32(getSetting('max_memory_usage') > 0) AS memory, toString(getSetting('max_execution_time')) AS time"
    expect(await clickHouse.rows(limits)).toEqual([{ memory: 1, time: '30' }])
    const unlimited = await clickHouse.rows(limits, { clickhouse_settings: { max_execution_time: 0 } })
    expect(unlimited).toEqual([{ memory: 1, time: '120' }])
  })
})

describe('failures', () => {
  test('arrive with the code and type a ClickHouse server gives them', async () => {
    const kinds = {
      'SELECT * FROM nowhere': ['60', 'UNKNOWN_TABLE'],
      'SELECT nothing': ['47', 'UNKNOWN_IDENTIFIER'],
      'SELECT 1 1 1': ['62', 'SYNTAX_ERROR'],
      'SELECT nofunction(1)': ['46', 'UNKNOWN_FUNCTION'],
      "SELECT toUInt8('x')": ['6', 'CANNOT_PARSE_TEXT'],
    }
    for (const [query, [code, type]] of Object.entries(kinds)) {
      expect(await clickHouse.failure(clickHouse.rows(query)), query).toMatchObject({ code, type })
    }
    expect(
      await clickHouse.failure(clickHouse.rows('SELECT 1', { clickhouse_settings: { no_such_setting: 1 } })),
    ).toMatchObject({
      code: '115',
    })
  })

  test('carry a sane HTTP status', async () => {
    const { origin, username, password } = new URL(clickHouse.url)
    const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
    const status = async (body: string, path = '/') =>
      (await fetch(origin + path, { method: 'POST', body, headers })).status
    expect(await status('SELECT * FROM nowhere')).toBe(404)
    expect(await status('SELEC 1')).toBe(400)
    expect(await status('1 + 1')).toBe(400)
    expect(await status('SELECT throwIf(1)')).toBe(500)
    expect(await status('SELECT 1', '/?session_id=a')).toBe(400)
    expect(await status('SELECT 1', '/elsewhere')).toBe(404)
  })

  test('a wrong password, a wrong user and none at all are turned away', async () => {
    const stranger = clickHouse.open({
      url: new URL(clickHouse.url).origin,
      username: 'tocsin',
      password: 'guess',
    })
    try {
      const error = await clickHouse.failure(stranger.query({ query: 'SELECT 1' }))
      expect(error).toMatchObject({ code: '516', type: 'AUTHENTICATION_FAILED' })
    } finally {
      await stranger.close()
    }
    const { origin, password } = new URL(clickHouse.url)
    const asOther = { 'x-clickhouse-user': 'default', 'x-clickhouse-key': password }
    expect((await fetch(`${origin}/?query=SELECT+1`, { headers: asOther })).status).toBe(403)
    expect((await fetch(`${origin}/?query=SELECT+1`)).status).toBe(403)
    expect((await fetch(`${origin}/ping`)).status).toBe(200)
  })

  test('a request that only reads cannot write', async () => {
    const { origin, username, password } = new URL(clickHouse.url)
    const headers = { 'x-clickhouse-user': username, 'x-clickhouse-key': password }
    const ask = async (query: string) => {
      const response = await fetch(`${origin}/?${new URLSearchParams({ query })}`, { headers })
      return { code: response.headers.get('x-clickhouse-exception-code'), text: await response.text() }
    }
    expect(await ask('SELECT 5')).toEqual({ code: null, text: '5\n' })
    expect((await ask('CREATE TABLE sneaked (a UInt8) ENGINE = MergeTree ORDER BY a')).code).toBe('164')
  })

  test('a body beyond the limit is refused with a reason', async () => {
    const huge = Buffer.alloc(65 * 1024 * 1024, 'x')
    const { origin, username, password } = new URL(clickHouse.url)
    const headers = {
      'x-clickhouse-user': username,
      'x-clickhouse-key': password,
      'content-encoding': 'gzip',
    }
    const response = await fetch(`${origin}/`, { method: 'POST', body: gzipSync(huge), headers })
    expect(response.status).toBe(413)
    expect(await response.text()).toContain('insert in smaller batches')
  })
})
