import pino from 'pino'
import { openSourceQuotas } from '#bot/source-quotas.ts'
import { openAudit } from '#bot/audit/audit.ts'
import type { Desk } from '#bot/desk.ts'
import type { Database } from '#db/client.ts'
import { secretBox } from '#db/secrets/secret-box.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { defaultSourceQuota } from '#engine/intake/source-quota.ts'
import { egressRules } from '#engine/egress/egress-rules.ts'
import { noTelemetry } from './no-telemetry.ts'

/** What tests seal secrets with. */
export const testBox = secretBox([Buffer.alloc(32, 7)])

/** What a test's house seals secrets with, where its connections may lead (to fakes on loopback, and outside), and its audit. */
export function deskDefaults(
  parts: Pick<Desk, 'db' | 'clock' | 'log'>,
): Pick<Desk, 'secrets' | 'egressRules' | 'askForTest' | 'audit' | 'quotas' | 'labelNames'> {
  return {
    secrets: testBox,
    egressRules: egressRules(['127.0.0.1']),
    /** No worker runs, so nobody answers. */
    askForTest: async () => undefined,
    labelNames: 'utf8',
    audit: openAudit(parts),
    quotas: openSourceQuotas({ ...parts, quota: defaultSourceQuota }),
  }
}

/** A desk in a house where nothing is looked at, and whose notifications nobody delivers. */
export function loneDesk(db: Database, clock: () => Date): Desk {
  const log = pino({ level: 'silent' })
  return {
    db,
    telemetry: noTelemetry,
    announce: async () => undefined,
    clock,
    settings: defaultDecisionSettings,
    zone: 'UTC',
    log,
    ...deskDefaults({ db, clock, log }),
  }
}
