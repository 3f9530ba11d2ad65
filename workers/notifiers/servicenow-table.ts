import { type ServiceNowSettings, serviceNowBase } from '#engine/connection/servicenow.ts'
import type { Secrets } from '#engine/connection/connection.ts'
import type { Outside, OutsideAnswer } from '#workers/egress/outside.ts'
import { refusedBy } from '#workers/egress/refused-by.ts'
import { DeliveryError } from './notifier.ts'

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
      if (refused) throw answer.status === 403 ? notAllowed(refused) : refused
      return answer
    },
  }
}

/** What a data policy misses, it says with the status of a missing right. */
function notAllowed({ retry, fault, status }: DeliveryError): DeliveryError {
  return new DeliveryError(
    'It answered 403: its user may not do this, or a data policy of the instance asks for more, such as another closeCode.',
    { retry, ...(fault && { fault }), ...(status !== undefined && { status }) },
  )
}
