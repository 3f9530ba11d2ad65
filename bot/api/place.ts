import type { z } from 'zod'
import type { Database } from '#db/client.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { environmentParams, requireEnvironment } from './environment.ts'

const placeParams = environmentParams.partial()

/** Where a resource is served. */
export interface Place {
  readonly path: string
  readonly params: typeof placeParams
  /** Described under its other path. */
  readonly hide: boolean
}

/** Short, for a house with one environment, and in full as the guide writes it. */
export function places(resource: string): Place[] {
  return [
    { path: `/api/v1/${resource}`, params: placeParams, hide: false },
    { path: `/api/v1/environments/:env/alerts/${resource}`, params: placeParams, hide: true },
  ]
}

/** Which environment a request means. */
export async function environmentOf(db: Database, { env }: z.infer<typeof placeParams>): Promise<string> {
  return env === undefined ? firstEnvironment.slug : requireEnvironment(db, env)
}
