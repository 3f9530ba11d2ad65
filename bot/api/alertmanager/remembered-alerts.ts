import type { Database } from '#db/client.ts'
import { findVersions, listOpenVersions, type VersionedAlert } from '#db/repositories/posted-alerts.ts'
import type { PostedAlert } from '#engine/posted-alert.ts'

/** Beyond so many they are read anew each time: a reader who wants all of them at once should ask for pages. */
const mostRemembered = 50_000

/**
 * The posted alerts of an environment as they were last read. Dashboards ask for all of them every few seconds, and few have
 * changed: a row of the same version is not read again, and the alert is the same object as before.
 */
export class RememberedAlerts {
  #known: ReadonlyMap<string, VersionedAlert> = new Map()

  /** Those not yet ended, by fingerprint. */
  async listOpen(db: Database, environment: string, now: Date): Promise<PostedAlert[]> {
    const open = await listOpenVersions(db, environment, now)
    const remembered = (one: (typeof open)[number]) => {
      const known = this.#known.get(one.fingerprint)
      return known?.version === one.version ? known : undefined
    }
    const unknown = open.filter((one) => !remembered(one)).map(({ fingerprint }) => fingerprint)
    const read = await findVersions(db, environment, unknown)
    // One that was removed in between is in neither.
    const current = open.flatMap((one) => remembered(one) ?? read.get(one.fingerprint) ?? [])
    this.#known = new Map(
      current.slice(0, mostRemembered).map((one) => [one.alert.fingerprint, one] as const),
    )
    return current.map(({ alert }) => alert)
  }
}
