import { request } from 'undici'
import { z } from 'zod'
import type { Settings } from './environment.ts'

/** Where the house that runs is, and what lets us in. */
export type HousePlace = Pick<Settings, 'PUBLIC_URL' | 'TOCSIN_TOKEN' | 'host' | 'port'>

interface Question {
  readonly path: string
  /** GET without a body, else POST, where nothing is said. */
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly body?: object
}

const problemSchema = z.object({ error: z.string() })

/** Asks the house over its API, below `/api/v1/`. Throws an Error that says what to do where it does not answer. */
export async function askHouse(place: HousePlace, { path, body, method }: Question): Promise<unknown> {
  const house = place.PUBLIC_URL ?? `http://${place.host}:${place.port}`
  const token = place.TOCSIN_TOKEN
  const answer = await request(new URL(`/api/v1/${path}`, house), {
    method: method ?? (body ? 'POST' : 'GET'),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new Error(`no house answers at ${house}: start it, or set PUBLIC_URL to where it is.`, { cause })
  })
  const told = await answer.body.json().catch(() => undefined)
  if (answer.statusCode < 300) return told
  const problem = problemSchema.safeParse(told)
  throw new Error(
    problem.success ? problem.data.error : `the house at ${house} answered ${answer.statusCode}.`,
  )
}
