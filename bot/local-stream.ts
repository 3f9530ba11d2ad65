import type { LocalChat, LocalMessage } from '#bot/console/local-chat.ts'
import type { Memory } from '#db/client.ts'
import { listIncidents } from '#db/repositories/incidents.ts'
import {
  findLocalMessage,
  listLocalMessages,
  localChatChannel,
  type LocalMessageRow,
} from '#db/repositories/local-messages.ts'
import { incidentView, worstAlert } from '#engine/incident/incident.ts'
import type { Logger } from 'pino'

/** Completion offers no more than fit on a screen. */
const completedIncidents = 50

/** What a page that is opened anew would show: all that could have changed unheard while the database was away. */
const retoldMessages = 50

/** The local chat over Postgres: whichever process posts or edits, NOTIFY tells every page. */
export async function openLocalChat(
  memory: Memory,
  log: Logger,
): Promise<LocalChat & { close(): Promise<void> }> {
  const listeners = new Set<(message: LocalMessage) => void>()
  const tell = (rows: readonly LocalMessageRow[]) => {
    for (const message of rows.map(toMessage)) listeners.forEach((listener) => listener(message))
  }
  const cannotRead = (error: unknown) => log.warn({ err: error }, 'the local chat could not be read')
  const unlisten = await memory.listen(
    localChatChannel,
    (id) => void findLocalMessage(memory.db, Number(id)).then((row) => row && tell([row]), cannotRead),
    () =>
      void listLocalMessages(memory.db, { limit: retoldMessages }).then(
        (rows) => tell(rows.toReversed()),
        cannotRead,
      ),
  )
  return {
    list: async (page) => (await listLocalMessages(memory.db, page)).map(toMessage).reverse(),
    openIncidents: async () => {
      const { incidents } = await listIncidents(memory.db, 'open', completedIncidents)
      return incidents.map((incident) => ({
        number: incident.number,
        title: worstAlert(incident).title,
        state: incidentView(incident),
      }))
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: unlisten,
  }
}

function toMessage({ id, message, thread, postedAt, updatedAt }: LocalMessageRow): LocalMessage {
  return { id, message, thread, postedAt: postedAt.toISOString(), updatedAt: updatedAt.toISOString() }
}
