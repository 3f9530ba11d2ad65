import type { Database } from '#db/client.ts'
import { listConnections, resealSecrets } from '#db/repositories/connections.ts'
import { resealMedia } from '#db/repositories/contact-media.ts'
import { resealSignedDoors } from '#db/repositories/signed-doors.ts'
import { secretBox, type SecretBox } from '#db/secrets/secret-box.ts'
import { opsgenieEndWarning, opsgenieSettings } from '#engine/connection/opsgenie.ts'
import type { Settings } from './environment.ts'
import type { Report } from './report.ts'
import { readSecretKeys } from './secret-keys.ts'

/** What secrets are sealed with; those that an older key sealed are sealed anew. */
export async function openSecrets(settings: Settings, db: Database, report: Report): Promise<SecretBox> {
  const box = secretBox(await readSecretKeys(settings))
  const unreadable =
    (await resealSecrets(db, box)) + (await resealMedia(db, box)) + (await resealSignedDoors(db, box))
  if (unreadable > 0)
    report.progress(
      `${unreadable} ${unreadable === 1 ? 'secret' : 'secrets'} of connections, contacts and signed doors cannot be read with the key that is here: set TOCSIN_SECRET_KEY to the one they were sealed with, the same for every process.`,
    )
  return box
}

/** What a connection leads to may have a last day; whoever starts the house is told how many are left. */
export async function warnOfEnds(db: Database, now: Date, report: Report): Promise<void> {
  for (const { kind, name, settings } of await listConnections(db)) {
    const read = kind === 'opsgenie' ? opsgenieSettings.safeParse(settings).data : undefined
    const warning = read && opsgenieEndWarning(read, now)
    if (warning !== undefined) report.line(`Connection ${name}: ${warning}`)
  }
}
