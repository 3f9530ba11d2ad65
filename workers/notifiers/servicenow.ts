import type { OpenConnection } from '#engine/connection/connection.ts'
import { serviceNowSettings } from '#engine/connection/servicenow.ts'
import { renderServiceNowEvent } from '#engine/message/servicenow.ts'
import type { Tellable } from '#engine/message/subject.ts'
import type { Outside } from '#workers/egress/outside.ts'
import type { Notifier } from './notifier.ts'
import { serviceNowIncidents } from './servicenow-incidents.ts'
import { type ServiceNow, openServiceNow } from './servicenow-table.ts'

export function serviceNowDriver(connection: OpenConnection, outside: Outside): Notifier {
  const settings = serviceNowSettings.parse(connection.settings)
  const serviceNow = openServiceNow(settings, connection.secrets, outside)
  return settings.mode === 'event' ? events(serviceNow) : serviceNowIncidents(serviceNow, settings)
}

/** Event Management keeps one alert for each `message_key` by itself. */
function events(serviceNow: ServiceNow): Notifier {
  const tell = async ({ subject }: Tellable) => {
    if (subject)
      await serviceNow.send('POST', '/api/global/em/jsonv2', { records: [renderServiceNowEvent(subject)] })
  }
  return {
    post: async (_address, message) => {
      await tell(message)
      return {}
    },
    update: async (_receipt, message) => {
      await tell(message)
      return undefined
    },
    reply: async () => undefined,
  }
}
