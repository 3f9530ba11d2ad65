import { z } from 'zod'
import { askHouse, type HousePlace } from './ask-house.ts'

const answerSchema = z.object({
  about: z.string(),
  severity: z.string(),
  quiet: z.array(z.string()),
  routes: z.array(z.object({ matchers: z.array(z.string()), receiver: z.string() })).nullable(),
  chats: z.object({ told: z.array(z.string()), untold: z.array(z.string()) }),
  contacts: z.array(z.object({ contact: z.string(), outcome: z.string(), media: z.array(z.string()) })),
})

/** Asks the house that runs, over its API. Throws an Error that says what to do where it does not answer. */
export async function explainFromAfar(about: string, place: HousePlace): Promise<string> {
  const number = /^#?(\d{1,9})$/.exec(about)?.[1]
  const [entity = '', ...check] = about.split(':')
  const answer = await askHouse(place, {
    path: number === undefined ? 'routing/explain' : `alerts/${number}/explain`,
    ...(number === undefined && { body: { entity, check: check.join(':') || 'test' } }),
  })
  return print(answerSchema.parse(answer))
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
