import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import type { DecisionSettings } from '#engine/decision-settings.ts'
import type { Telemetry } from '#engine/telemetry/telemetry.ts'
import type { GroupTeller } from './dispatch/dispatcher.ts'
import type { ExchangeReader } from './exchanges/exchange-reader.ts'
import type { Announce } from './queues/announce.ts'
import type { ConnectionHands } from './notifiers/connections.ts'

/** What every processor works with; built once per process, and by tests with a clock they move. */
export interface Hands {
  readonly db: Database
  readonly telemetry: Telemetry
  /** For rules that tell of every single exchange; without one they say that they cannot be evaluated. */
  readonly exchanges?: ExchangeReader
  readonly announce: Announce
  readonly clock: () => Date
  readonly settings: DecisionSettings
  /** What connections are opened and tried with. */
  readonly connecting?: ConnectionHands
  /** Tells webhooks in this process; without one others do, wherever they run. */
  readonly groupTeller?: GroupTeller
  readonly log: Logger
}
