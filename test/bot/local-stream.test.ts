import pino from 'pino'
import { expect, test } from 'vitest'
import { openLocalChat } from '#bot/local-stream.ts'
import { openMemory } from '#db/client.ts'
import { editLocalMessage, postLocalMessage } from '#db/repositories/local-messages.ts'
import { message } from '#engine/message/message.ts'
import { testMemory } from '#test/harness/database.ts'
import { after, start } from '#test/harness/engine-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import { severableLink } from '#test/harness/severable-link.ts'

test('what was posted and edited while our connection was lost is told once it is back', async () => {
  const workers = await testMemory()
  const link = await severableLink(new URL(workers.url))
  const bot = openMemory({ url: link.url, name: 'tocsin-bot', connections: 2 })
  const chat = await openLocalChat(bot, pino({ level: 'silent' }))
  const told: string[] = []
  chat.subscribe(({ message }) => told.push(message.headline))
  const post = (headline: string) => postLocalMessage(workers.db, headline, message({ headline }), start)
  try {
    const first = await post('#1 fires')
    await eventually('the first message', () => told.length === 1)

    link.sever()
    await editLocalMessage(workers.db, first, message({ headline: '#1 cleared' }), after(5))
    await post('#2 fires')
    link.mend()
    await eventually('the connection to be back', () => told.length >= 3, 30_000)
    expect(told).toEqual(['#1 fires', '#1 cleared', '#2 fires'])
  } finally {
    await chat.close()
    await bot.close()
    await link.close()
    await workers.close()
  }
}, 60_000)
