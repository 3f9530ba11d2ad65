import type { Claim } from '#db/repositories/taken-claims.ts'

/** Whoever holds a claim for this long has died, or cannot reach the database, which is no harm then. */
const patienceMs = 3000

/** Of the claims that are there now, those to be finished for whoever made them: in their order, and each seen for a while. */
export function watchClaims(): (names: readonly string[], now: Date) => string[] {
  const firstSeen = new Map<string, number>()
  return (names, now) => {
    const present = new Set(names)
    for (const name of firstSeen.keys()) if (!present.has(name)) firstSeen.delete(name)
    for (const name of names) if (!firstSeen.has(name)) firstSeen.set(name, now.getTime())
    return names
      .filter((name) => now.getTime() - (firstSeen.get(name) ?? 0) >= patienceMs)
      .toSorted((one, other) => (parseClaim(one)?.number ?? 0) - (parseClaim(other)?.number ?? 0))
  }
}

export function nameOfClaim({ taker, number }: Claim): string {
  return `${taker}:${number}`
}

/** Undefined for what nobody of us called so. */
export function parseClaim(name: string): Claim | undefined {
  const [, taker, number] = /^([\da-f-]{36}):(\d{1,15})$/.exec(name) ?? []
  return taker === undefined ? undefined : { taker, number: Number(number) }
}
