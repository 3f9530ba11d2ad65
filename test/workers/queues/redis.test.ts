import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { queueContract } from '#test/contracts/queue.ts'
import { startRedis, type RedisServer } from '#test/harness/redis-server.ts'
import { requires } from '#test/harness/requires.ts'
import { openQueues } from '#workers/queues/open-queues.ts'
import { defineQueue } from '#workers/queues/queue.ts'

const program = requires('redis-server')
const missing = 'missing' in program ? program.missing : undefined
const password = 'open-sesame'

const open = (redisUrl: string) =>
  openQueues({ redisUrl, postgresUrl: 'postgres://nobody@127.0.0.1:1/unused', onError: () => undefined })

queueContract(missing, async () => {
  const server = await start()
  return {
    password,
    openHouse: (onError) =>
      openQueues({ redisUrl: server.url, postgresUrl: 'postgres://nobody@127.0.0.1:1/unused', onError }),
    cutConnections: () => server.restart(),
    close: () => server.close(),
  }
})

describe('a Redis that goes away (abuse case 24)', { timeout: 30_000 }, () => {
  let server: RedisServer
  const definition = defineQueue({ name: 'away', payload: z.object({}) })

  beforeAll(async () => {
    if (missing === undefined) server = await start()
  })
  afterAll(() => server?.close())
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  test('refuses new jobs instead of hanging, and lets the house close once running jobs are done', async () => {
    const house = await open(server.url)
    const gate = Promise.withResolvers<void>()
    const steps: string[] = []
    await house.work(definition, async () => {
      steps.push('began')
      await gate.promise
      steps.push('done')
    })
    const queue = house.open(definition)
    await queue.add({})
    await expect.poll(() => steps).toEqual(['began'])
    await server.stop()
    await expect(queue.add({})).rejects.toThrow('Queue away (redis) cannot be reached')
    const closed = house.close().then(() => steps.push('closed'))
    gate.resolve()
    await closed
    expect(steps).toEqual(['began', 'done', 'closed'])
    await server.restart()
  })

  test('is refused at start when it does not accept the password, without telling it', async () => {
    const wrong = server.url.replace(password, 'not-the-password')
    const refusal = await open(wrong).then(() => 'opened', String)
    expect(refusal).toMatch(/REDIS_URL: cannot use Redis at 127\.0\.0\.1:\d+: WRONGPASS/)
    expect(refusal).not.toContain('not-the-password')
  })
})

describe('a Redis that cannot be used is refused at start', () => {
  test('when nothing listens there', async () => {
    await expect(open('redis://:hidden@127.0.0.1:1')).rejects.toThrow(
      /^REDIS_URL: cannot use Redis at 127\.0\.0\.1:1: connect ECONNREFUSED/,
    )
  })

  test('when the URL is not one of Redis', async () => {
    await expect(open('http://:hidden@cache.example:8080')).rejects.toThrow(
      'REDIS_URL must begin with redis:// or rediss://, found cache.example:8080.',
    )
    await expect(open('cache.example')).rejects.toThrow('found an address that cannot be read')
  })

  test.each([
    ['5.0.7', 'found Redis 5.0.7 at 127.0.0.1:'],
    ['6.0.16', 'the job queue needs 6.2 or newer'],
  ])('when it is version %s', async (version, complaint) => {
    await using ancient = await startTalker(`redis_version:${version}\r\n`)
    await expect(open(ancient.url)).rejects.toThrow(complaint)
  })
})

function start(): Promise<RedisServer> {
  if ('missing' in program) throw new Error(program.missing)
  return startRedis(program.path, password)
}

/** Speaks just enough of the protocol to answer every command with the same text, as INFO does. */
async function startTalker(text: string): Promise<AsyncDisposable & { url: string }> {
  const answer = `$${text.length}\r\n${text}\r\n`
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      const commands = data.toString().match(/^\*\d+/gm) ?? []
      socket.write(answer.repeat(commands.length))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
