import { z } from 'zod'
import { idSchema } from './reading.ts'

/** Roles are written in capitals, as ADMIN is. */
export function crowdName(kind: 'GROUP' | 'ROLE') {
  return idSchema.transform((name) => (kind === 'ROLE' ? name.toUpperCase() : name))
}

export const crowdBody = z.strictObject({
  members: z
    .array(idSchema, { error: 'members must be a list of ids of contacts.' })
    .min(1, 'Nobody is in it: delete it instead.')
    .max(1000, 'At most 1000 members.'),
})
