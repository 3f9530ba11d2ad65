import type { Telemetry } from '#engine/telemetry/telemetry.ts'

const refuse = () => {
  throw new Error('there is no telemetry here')
}

/** For whoever has no rules to evaluate. */
export const noTelemetry: Telemetry = { ask: refuse, watch: refuse, trace: refuse }
