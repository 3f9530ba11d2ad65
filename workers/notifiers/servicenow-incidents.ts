import { z } from 'zod'
import type { ServiceNowSettings } from '#engine/connection/servicenow.ts'
import {
  renderIncident,
  renderNewIncident,
  renderResolution,
  renderWorkNote,
  type ServiceNowRecord,
  serviceNowState,
} from '#engine/message/servicenow.ts'
import type { Subject, Tellable } from '#engine/message/subject.ts'
import type { OutsideAnswer } from '#workers/egress/outside.ts'
import { readAnswer } from '#workers/egress/read-answer.ts'
import { DeliveryError, type Notifier, type Receipt } from './notifier.ts'
import type { ServiceNow } from './servicenow-table.ts'

const sysId = z.string().regex(/^[0-9a-f]{32}$/)
const record = z.object({ sys_id: sysId, number: z.string(), state: z.string(), active: z.string() })
type Incident = z.infer<typeof record>

const fields = 'sysparm_fields=sys_id,number,state,active'
const table = '/api/now/table/incident'

/**
 * Incidents of the Table API. ServiceNow itself drops no doubles: what is there under our key is looked up before anything is
 * made. People work on it there too, so its state is read before it is changed.
 */
export function serviceNowIncidents(serviceNow: ServiceNow, settings: ServiceNowSettings): Notifier {
  const patch = (id: string, changes: ServiceNowRecord) =>
    serviceNow.send('PATCH', `${table}/${id}?${fields}`, changes)

  const create = async (message: Tellable, subject: Subject): Promise<Receipt> => {
    const answer = await serviceNow.send(
      'POST',
      `${table}?${fields}`,
      renderNewIncident(message, subject, settings),
    )
    return receiptOf(readOne(answer))
  }

  const follow = async (known: Incident, message: Tellable, subject: Subject) => {
    await patch(known.sys_id, changesFor(known, message, subject, settings))
  }

  return {
    post: async (_address, message) => {
      const { subject } = message
      if (!subject) return {}
      const known = await findOpen(serviceNow, subject.key)
      if (!known) return subject.status === 'resolved' ? {} : create(message, subject)
      await follow(known, message, subject)
      return receiptOf(known)
    },
    update: async (receipt, message) => {
      const { subject } = message
      const id = receipt['sysId']
      if (!subject || id === undefined) return undefined
      const known = await load(serviceNow, id)
      const isClosed = !known || known.active === 'false'
      if (isClosed) return subject.status === 'resolved' ? undefined : create(message, subject)
      await follow(known, message, subject)
      return undefined
    },
    reply: async (receipt, line, _deliveryId, { subject }) => {
      const id = receipt['sysId']
      if (subject && id !== undefined) await patch(id, renderWorkNote(line))
    },
  }
}

/** What somebody there has already done is left as it is. */
function changesFor(
  known: Incident,
  message: Tellable,
  subject: Subject,
  settings: ServiceNowSettings,
): ServiceNowRecord {
  const changes = renderIncident(message, subject)
  const isResolved = known.state === serviceNowState.resolved
  switch (subject.status) {
    case 'resolved':
      return isResolved ? changes : { ...changes, ...renderResolution(subject, settings) }
    case 'acknowledged': {
      const isUntouched = known.state === serviceNowState.new || isResolved
      return isUntouched ? { ...changes, state: serviceNowState.inProgress } : changes
    }
    case 'firing':
      return isResolved ? { ...changes, state: serviceNowState.inProgress } : changes
  }
}

async function findOpen(serviceNow: ServiceNow, key: string): Promise<Incident | undefined> {
  const query = encodeURIComponent(`correlation_id=${key}^active=true`)
  const answer = await serviceNow.send('GET', `${table}?sysparm_query=${query}&${fields}&sysparm_limit=1`)
  return readAnswer(z.object({ result: z.array(record) }), answer)?.result[0]
}

/** Undefined: somebody deleted it. */
async function load(serviceNow: ServiceNow, id: string): Promise<Incident | undefined> {
  try {
    return readOne(await serviceNow.send('GET', `${table}/${id}?${fields}`))
  } catch (error) {
    if (error instanceof DeliveryError && error.status === 404) return undefined
    throw error
  }
}

function receiptOf({ sys_id, number }: Incident): Receipt {
  return { sysId: sys_id, number }
}

function readOne(answer: OutsideAnswer): Incident {
  const found = readAnswer(z.object({ result: record }), answer)?.result
  if (found) return found
  throw new DeliveryError(
    'It answered, but not with an incident: check the instance, and that the user may read the table incident.',
    { retry: 'never', fault: 'config' },
  )
}
