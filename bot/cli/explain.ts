import { request } from 'undici'
import { z } from 'zod'
import type { Settings } from './environment.ts'

const answerSchema = z.object({
  about: z.string(),
  severity: z.string(),
  quiet: z.array(z.string()),
  routes: z.array(z.object({ matchers: z.array(z.string()), receiver: z.string() })).nullable(),
  chats: z.object({ told: z.array(z.string()), untold: z.array(z.string()) }),
  contacts: z.array(z.object({ contact: z.string(), outcome: z.string(), media: z.array(z.string()) })),
})

const problemSchema = z.object({ error: z.string() })

type Place = Pick<Settings, 'PUBLIC_URL' | 'TOCSIN_TOKEN' | 'host' | 'port'>

/** Asks the house that runs, over its API. Throws an Error that says what to do where it does not answer. */
export async function explainFromAfar(about: string, place: Place): Promise<string> {
  const house = place.PUBLIC_URL ?? `http://${place.host}:${place.port}`
  const number = /^#?(\d{1,9})$/.exec(about)?.[1]
  const [entity = '', ...check] = about.split(':')
  const answer = await ask(house, {
    path: number === undefined ? 'routing/explain' : `alerts/${number}/explain`,
    token: place.TOCSIN_TOKEN,
    ...(number === undefined && { body: { entity, check: check.join(':') || 'test' } }),
  })
  return print(answerSchema.parse(answer))
}

interface Asked {
  readonly path: string
  readonly token: string | undefined
  readonly body?: object
}

async function ask(house: string, { path, token, body }: Asked): Promise<unknown> {
  const answer = await request(new URL(`/api/v1/${path}`, house), {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new Error(`no house answers at ${house}: start it, or set PUBLIC_URL to where it is.`, { cause })
  })
  const told = await answer.body.json().catch(() => undefined)
  if (answer.statusCode === 200) return told
  const problem = problemSchema.safeParse(told)
  throw new Error(
    problem.success ? problem.data.error : `the house at ${house} answered ${answer.statusCode}.`,
  )
}

function print({ about, severity, quiet, routes, chats, contacts }: z.infer<typeof answerSchema>): string {
  return [
    `${about}, being ${severity}`,
    ...quiet,
    ...(routes ?? []).map(
      ({ matchers, receiver }) =>
        `  receiver ${receiver}: ${matchers.length > 0 ? matchers.join(', ') : 'the first route'}`,
    ),
    `  chats told: ${chats.told.join(', ') || 'none'}`,
    ...(chats.untold.length > 0 ? [`  chats not told: ${chats.untold.join(', ')}`] : []),
    ...contacts.map(({ contact, outcome, media }) =>
      media.length > 0 ? `  ${contact}: by ${media.join(', ')}` : `  ${contact}: not told (${outcome})`,
    ),
  ].join('\n')
}
