import { z } from 'zod'
import { askHouse, type HousePlace } from './ask-house.ts'

const listed = z.object({
  tokens: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      role: z.string(),
      environments: z.array(z.string()).nullable(),
      createdAt: z.string(),
      createdBy: z.string(),
    }),
  ),
})
const made = z.object({ token: z.string() })

export const tokenUsage = `say token list, token add <name> VIEWER|OPERATOR|ADMIN [environment …], or token revoke <name>.`

/** `token list`, `token add ci OPERATOR prod`, `token revoke ci`: asked of the house that runs, by an admin's token. */
export async function tokenFromAfar(words: readonly string[], place: HousePlace): Promise<string> {
  const [verb, name = '', role = '', ...environments] = words
  switch (verb) {
    case 'list':
      return print(await list(place))
    case 'add': {
      const body = { name, role: role.toUpperCase(), ...(environments.length > 0 && { environments }) }
      const { token } = made.parse(await askHouse(place, { path: 'tokens', body }))
      return `${token}\n\nIt is not shown again. Send it as Authorization: Bearer.`
    }
    case 'revoke': {
      const known = (await list(place)).find((one) => one.name === name)
      if (!known) throw new Error(`there is no token called ${JSON.stringify(name)}: see token list.`)
      await askHouse(place, { path: `tokens/${known.id}`, method: 'DELETE' })
      return `${name} opens nothing any more.`
    }
    default:
      throw new Error(tokenUsage)
  }
}

type Listed = z.infer<typeof listed>['tokens']

async function list(place: HousePlace): Promise<Listed> {
  return listed.parse(await askHouse(place, { path: 'tokens' })).tokens
}

function print(tokens: Listed): string {
  if (tokens.length === 0) return 'There are no tokens besides TOCSIN_TOKEN.'
  return tokens
    .map(
      ({ name, role, environments, createdAt, createdBy }) =>
        `${name}: ${role}${environments ? ` in ${environments.join(', ')}` : ''}, made ${createdAt.slice(0, 10)} by ${createdBy}`,
    )
    .join('\n')
}
