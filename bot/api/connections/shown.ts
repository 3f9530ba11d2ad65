import { z } from 'zod'
import type { ConnectionTest } from '#db/repositories/connection-tests.ts'
import type { Connection } from '#db/repositories/connections.ts'
import type { SealedSecret } from '#db/schema/connections.ts'
import type { LaneHealth } from '#engine/notify/lane-health.ts'
import { shownHealth } from '#engine/notify/shown-health.ts'
import { findConnectionDefinition } from '#engine/connection/registry.ts'

/** What of a secret may be seen: that it is there, its last characters where it is long, and since when. */
export const secretShown = z.union([
  z.object({ set: z.literal(true), last4: z.string().nullable(), updatedAt: z.string() }),
  z.object({ set: z.literal(false) }),
])

export function showSecret(secret: SealedSecret | undefined): z.infer<typeof secretShown> {
  if (!secret) return { set: false }
  return { set: true, last4: secret.last4, updatedAt: secret.updatedAt }
}

export const healthShown = z.object({
  state: z.enum(['OK', 'TROUBLED', 'GONE']).describe('How it goes with what is told through it'),
  since: z.string().nullable(),
  problem: z.string().nullable(),
})

export function showHealth(lane: LaneHealth | undefined): z.infer<typeof healthShown> {
  const { since, ...rest } = shownHealth(lane)
  return { ...rest, since: since?.toISOString() ?? null }
}

export const connectionShown = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.string(),
  host: z.string().nullable(),
  settings: z.looseObject({}),
  secrets: z.record(z.string(), secretShown),
  allowedEnvironments: z.array(z.string()),
  enabled: z.boolean(),
  health: healthShown,
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
  warnings: z.array(z.string()).optional(),
})

export function showConnection(connection: Connection, lane?: LaneHealth): z.infer<typeof connectionShown> {
  const { id, name, kind, host, settings, secrets, enabled, createdBy } = connection
  const fields = findConnectionDefinition(kind)?.secrets ?? []
  return {
    id,
    name,
    kind,
    host,
    settings: { ...settings },
    secrets: Object.fromEntries(fields.map((field) => [field.name, showSecret(secrets[field.name])])),
    allowedEnvironments: [...connection.allowedEnvironments],
    enabled,
    health: showHealth(lane),
    createdAt: connection.createdAt.toISOString(),
    createdBy,
    updatedAt: connection.updatedAt.toISOString(),
  }
}

export const testShown = z.object({
  id: z.uuid(),
  state: z.enum(['PENDING', 'DONE']),
  result: z
    .object({
      delivered: z.boolean(),
      statusClass: z.string().nullable(),
      tookMs: z.number(),
      tls: z
        .object({ protocol: z.string(), issuer: z.string(), validUntil: z.string(), isTrusted: z.boolean() })
        .nullable(),
      problem: z.string().nullable(),
      at: z.string(),
    })
    .nullable(),
})

export function showTest({ id, result }: ConnectionTest): z.infer<typeof testShown> {
  return { id, state: result ? 'DONE' : 'PENDING', result }
}
