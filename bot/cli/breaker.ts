import { type BreakerSettings, defaultBreakerSettings } from '#engine/rule/circuit-breaker.ts'
import type { Variables } from './environment.ts'

export function breakerOf(found: Variables): BreakerSettings {
  const { failures, windowSeconds, cooldownSeconds } = defaultBreakerSettings
  return {
    failures: found.TOCSIN_CIRCUIT_BREAKER_FAILURES ?? failures,
    windowSeconds: found.TOCSIN_CIRCUIT_BREAKER_WINDOW ?? windowSeconds,
    cooldownSeconds: found.TOCSIN_CIRCUIT_BREAKER_COOLDOWN ?? cooldownSeconds,
  }
}
