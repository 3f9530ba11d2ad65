import type { CheckState } from '#engine/event.ts'
import type { FailingState } from '#engine/notify/severity.ts'
import type { CompiledRule } from './rules.ts'

/** One way to reach a contact, with what the house and Flapjack say where nothing is set. */
export interface ListenerMedium {
  readonly name: string
  readonly address: string
  readonly intervalSeconds: number
  /** null = never summarised. */
  readonly rollupThreshold: number | null
}

export type MediaChoice =
  | { readonly kind: 'media'; readonly media: readonly ListenerMedium[] }
  | { readonly kind: 'blackhole'; readonly ruleId: string }
  | { readonly kind: 'no-media' }

const noMedia: MediaChoice = { kind: 'no-media' }

/** A specific rule that matches puts all general ones aside, with their media and their blackholes. */
export function governing(matching: readonly CompiledRule[]): readonly CompiledRule[] {
  return matching.some((compiled) => compiled.isSpecific)
    ? matching.filter((compiled) => compiled.isSpecific)
    : matching
}

/** All media that any of these rules names for the severity, as far as the contact has them; one blackhole ends it. */
export function chooseMedia(
  rules: readonly CompiledRule[],
  severity: CheckState,
  media: readonly ListenerMedium[],
): MediaChoice {
  if (severity === 'ok') return noMedia
  const blackhole = rules.find(({ rule }) => rule.blackholes[severity])
  if (blackhole) return { kind: 'blackhole', ruleId: blackhole.rule.id }
  const chosen = media.filter((medium) => isNamed(rules, severity, medium.name))
  return chosen.length > 0 ? { kind: 'media', media: chosen } : noMedia
}

function isNamed(rules: readonly CompiledRule[], severity: FailingState, medium: string): boolean {
  return rules.some(({ rule }) => rule.media[severity].includes(medium))
}
