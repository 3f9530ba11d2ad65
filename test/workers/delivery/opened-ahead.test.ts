import { afterEach, beforeEach, expect, test } from 'vitest'
import { lanes } from '#db/schema/lanes.ts'
import { vendorPaces } from '#engine/notify/vendor-pace.ts'
import { eventually } from '#test/harness/eventually.ts'
import { push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'

let house: ServedHouse
let answer: PromiseWithResolvers<void>
let posts: number

/** A mail server that takes its time. */
const slow: Notifier = {
  post: async () => {
    posts += 1
    await answer.promise
    return { id: String(posts) }
  },
  update: async () => undefined,
  reply: async () => undefined,
}

beforeEach(async () => {
  posts = 0
  answer = Promise.withResolvers()
  house = await serveHouse({ notifiers: { email: slow }, paceOf: (medium) => vendorPaces[medium] })
  const settings = { host: 'mail.example.org', from: 'tocsin@example.org', to: ['ops@example.org'] }
  await house.post('/api/v1/connections', { name: 'mail', kind: 'email', settings })
  await house.put('/api/v1/routing', {
    route: { receiver: 'ops' },
    receivers: [{ name: 'ops', connections: ['mail'] }],
  })
})
afterEach(() => house.close())

test('no more mails are begun than are on their way: of what a killed process had begun nobody knows whether it was heard', async () => {
  // All is told at the end, and what is told waits for that: nobody waits for it to be through.
  const pushed = push(house, ...Array.from({ length: 30 }, (_, nth) => ({ check: `check ${nth}` })))
  await eventually('as many to be on their way as there are connections', () => posts === 3)
  const begun = (await house.memory.db.select().from(lanes)).flatMap(({ underway }) => underway)
  expect(begun).toHaveLength(3)
  answer.resolve()
  await pushed
  expect(posts).toBe(30)
})
