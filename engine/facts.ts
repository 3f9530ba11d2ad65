/**
 * What templates may say of an alert beyond what all alerts have, by dotted name: `pod.name`, `exchange.id`. Empty = nobody
 * knows just now.
 */
export type Facts = Readonly<Record<string, string>>

/** What is known now, and of the rest what was known before: that something is over says less than that it began. */
export function withFacts(before: Facts, now: Facts | undefined): Facts {
  if (!now) return before
  return { ...before, ...Object.fromEntries(Object.entries(now).filter(([, value]) => value !== '')) }
}

/** `pod.name` → `{ pod: { name } }`, as Mustache looks names up. */
export function nestedFacts(facts: Facts): Readonly<Record<string, unknown>> {
  const nested: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(facts)) {
    const [group = '', field] = name.split('.')
    nested[group] = field === undefined ? value : { ...asGroup(nested[group]), [field]: value }
  }
  return nested
}

function asGroup(known: unknown): object {
  return typeof known === 'object' && known !== null ? known : {}
}
