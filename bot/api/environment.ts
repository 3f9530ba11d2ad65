import { z } from 'zod'
import type { Database } from '#db/client.ts'
import { NotFound } from '#db/errors.ts'
import { findEnvironment } from '#db/repositories/environments.ts'
import { isStorable } from '#engine/storable-text.ts'

export const environmentParams = z.object({
  env: z.string().min(1).max(100).describe('The slug of an environment, such as prod'),
})

export async function requireEnvironment(db: Database, slug: string): Promise<string> {
  const environment = isStorable(slug) ? await findEnvironment(db, slug) : undefined
  if (!environment) throw new NotFound(`environment "${slug}"`)
  return environment.slug
}
