import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { watchServer } from '#db/embedded/watch.ts'
import { testDatabase } from '#test/harness/database.ts'

/** A way to a server that throws out the first who come, as the server does while it starts over. */
async function startingOver(target: URL, { thrownOut }: { thrownOut: number }): Promise<string> {
  let visits = 0
  const door = createServer((near) => {
    visits++
    if (visits <= thrownOut) return void near.once('data', () => near.resetAndDestroy())
    const far = connect(Number(target.port), target.hostname)
    near.pipe(far).pipe(near)
    for (const [one, other] of [[near, far] as const, [far, near] as const])
      one.on('error', () => other.destroy())
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  onTestFinished(() => void door.close())
  const url = new URL(target)
  url.port = String((door.address() as AddressInfo).port)
  return url.href
}

test('a server that starts over in the moment it is looked at is waited for, and needs no help', async () => {
  const database = await testDatabase()
  const url = await startingOver(new URL(database.url), { thrownOut: 3 })
  const revived: string[] = []
  const revive = () => Promise.resolve(void revived.push('revived'))

  const watch = await watchServer(url, revive, () => undefined)

  expect(revived).toEqual([])
  await watch.end()
})
