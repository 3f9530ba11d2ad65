import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import type { DecisionSettings } from '#engine/decision-settings.ts'
import type { EgressRules } from '#engine/egress/egress-rules.ts'
import type { LabelNameRule } from '#engine/labels.ts'
import type { Telemetry } from '#engine/telemetry/telemetry.ts'
import type { Announce } from '#workers/queues/announce.ts'
import type { SourceQuotas } from './source-quotas.ts'
import type { Audit } from './audit/audit.ts'

/** What performing a command takes; the front of house is built over it. */
export interface Desk {
  readonly db: Database
  /** Only for test-evaluations and previews: rules are evaluated by the workers. */
  readonly telemetry: Telemetry
  readonly announce: Announce
  /** Who changed what, and who was not let. */
  readonly audit: Audit
  /** How much each source of events may still send. */
  readonly quotas: SourceQuotas
  /** Seals what people enter for connections. */
  readonly secrets: SecretBox
  /** Has the workers carry out a test of a connection that was written down. */
  readonly askForTest: (testId: string) => Promise<void>
  /** Where connections may lead, to refuse at once what will never work. */
  readonly egressRules: EgressRules
  readonly clock: () => Date
  readonly settings: DecisionSettings
  /** What a label may be called at Alertmanager's door. */
  readonly labelNames: LabelNameRule
  /** IANA name of the zone "until tomorrow" is meant in. */
  readonly zone: string
  readonly log: Logger
}
