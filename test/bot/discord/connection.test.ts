import { Client } from 'discord.js'
import { expect, test } from 'vitest'
import { watchConnection } from '#bot/discord/connection.ts'
import { discordFront } from '#test/harness/discord-front.ts'

test('an error that discord.js reports is logged and does not end the process', async () => {
  const front = discordFront()
  const client = new Client({ intents: [] })
  watchConnection(client, front.log)
  client.emit('error', new Error('a listener failed'))
  client.emit('shardError', new Error('the socket broke'), 0)
  expect(front.logged.join('')).toContain('a listener failed')
  expect(front.logged.join('')).toContain('the socket broke')
  await client.destroy()
})
