import { openSourceQuotas } from '#bot/source-quotas.ts'
import { openAudit } from '#bot/audit/audit.ts'
import type { Desk } from '#bot/desk.ts'
import { secretBox } from '#db/secrets/secret-box.ts'
import { defaultSourceQuota } from '#engine/intake/source-quota.ts'
import { egressRules } from '#engine/egress/egress-rules.ts'

/** What tests seal secrets with. */
export const testBox = secretBox([Buffer.alloc(32, 7)])

/** What a test's house seals secrets with, where its connections may lead (to fakes on loopback, and outside), and its audit. */
export function deskDefaults(
  parts: Pick<Desk, 'db' | 'clock' | 'log'>,
): Pick<Desk, 'secrets' | 'egressRules' | 'askForTest' | 'audit' | 'quotas'> {
  return {
    secrets: testBox,
    egressRules: egressRules(['127.0.0.1']),
    /** No worker runs, so nobody answers. */
    askForTest: async () => undefined,
    audit: openAudit(parts),
    quotas: openSourceQuotas({ ...parts, quota: defaultSourceQuota }),
  }
}
