import { desc, eq, getTableColumns } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { contactAlerts } from '#db/schema/contact-alerts.ts'
import { notifications } from '#db/schema/notifications.ts'

const mostShown = 200

/** What was decided for a contact and what became of it, the newest first. */
export async function listContactAlerts(db: Database, contactId: string) {
  return db
    .select({
      ...getTableColumns(contactAlerts),
      state: notifications.state,
      lastError: notifications.lastError,
    })
    .from(contactAlerts)
    .leftJoin(notifications, eq(notifications.id, contactAlerts.notificationId))
    .where(eq(contactAlerts.contactId, contactId))
    .orderBy(desc(contactAlerts.createdAt))
    .limit(mostShown)
}
