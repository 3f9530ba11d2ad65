import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Front } from '#bot/front.ts'
import type { Person } from '#engine/person.ts'
import type { LocalChat } from './local-chat.ts'
import { greetVisitor, identityOf, keepVisitor, knownVisitor, tidyName } from './visitor.ts'

export interface ChatOptions {
  readonly front: Front
  readonly chat: LocalChat
  readonly publicUrl?: string | undefined
}

const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: z.coerce.number().int().positive().optional(),
})
const said = z.object({ text: z.string().min(1).max(2000) })
const sent = z.object({
  values: z
    .record(z.string().max(100), z.string().max(10_000))
    .refine((values) => Object.keys(values).length <= 25, 'at most 25 fields'),
})
const named = z.object({ name: z.string().max(500) })
const formPath = z.object({ id: z.string().min(1).max(200) })

/** What the page asks and says. Every change goes through the front; reading goes to the chat. */
export function serveChat(app: FastifyInstance, { front, chat, publicUrl }: ChatOptions): void {
  const speaker = (request: FastifyRequest, reply: FastifyReply): Promise<Person> =>
    front.meet(identityOf(greetVisitor(request, reply, publicUrl)))

  app.get('/chat/messages', async (request) => {
    const { limit, before } = page.parse(request.query)
    return { messages: await chat.list(before === undefined ? { limit } : { limit, before }) }
  })
  app.get('/chat/incidents', async () => ({ incidents: await chat.openIncidents() }))
  app.post('/chat/say', async (request, reply) => {
    const { text } = said.parse(request.body)
    return front.say(text, await speaker(request, reply))
  })
  app.get('/chat/forms/:id', async (request, reply) => {
    const { id } = formPath.parse(request.params)
    return front.reopen(id, await speaker(request, reply))
  })
  app.post('/chat/forms/:id', async (request, reply) => {
    const { id } = formPath.parse(request.params)
    const { values } = sent.parse(request.body)
    return front.submit(id, values, await speaker(request, reply))
  })
  app.get('/chat/me', async (request, reply) => describe(await speaker(request, reply)))
  app.put('/chat/me', async (request, reply) => {
    const name = tidyName(named.parse(request.body).name)
    if (name === undefined)
      return reply.code(400).send({ error: 'A name needs at least one visible character.' })
    const { id } = knownVisitor(request) ?? greetVisitor(request, reply, publicUrl)
    const visitor = keepVisitor({ id, name }, { request, reply, publicUrl })
    return describe(await front.meet(identityOf(visitor)))
  })
}

function describe({ name, role }: Person): { name: string; role: Person['role'] } {
  return { name, role }
}
