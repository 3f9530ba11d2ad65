import { type ServiceNowSettings, serviceNowBase } from '#engine/connection/servicenow.ts'
import type { Secrets } from '#engine/connection/connection.ts'
import type { Outside, OutsideAnswer } from '#workers/egress/outside.ts'
import { refusedBy } from '#workers/egress/refused-by.ts'

export interface ServiceNow {
  /** Throws a DeliveryError unless it answers with 2xx. */
  send(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<OutsideAnswer>
}

/** REST as the user of this connection, https://docs.servicenow.com Table API. */
export function openServiceNow(settings: ServiceNowSettings, secrets: Secrets, outside: Outside): ServiceNow {
  const base = serviceNowBase(settings)
  const credentials = Buffer.from(`${settings.username}:${secrets['password'] ?? ''}`).toString('base64')
  const headers = {
    authorization: `Basic ${credentials}`,
    accept: 'application/json',
    'content-type': 'application/json',
  }
  return {
    send: async (method, path, body) => {
      const answer = await outside.request({
        url: base + path,
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      })
      const refused = refusedBy(answer, outside.clock())
      if (refused) throw refused
      return answer
    },
  }
}
