import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { OpenConnection } from '#engine/connection/connection.ts'
import { opsgenieBase, opsgenieKey, opsgenieSettings } from '#engine/connection/opsgenie.ts'
import { renderOpsgenieAct, renderOpsgenieAlert } from '#engine/message/opsgenie.ts'
import type { Reason } from '#engine/notify/plan.ts'
import type { Subject, Tellable } from '#engine/message/subject.ts'
import type { Outside, OutsideAnswer } from '#workers/egress/outside.ts'
import { readAnswer } from '#workers/egress/read-answer.ts'
import { refusedBy } from '#workers/egress/refused-by.ts'
import { DeliveryError, type Notifier } from './notifier.ts'

/** Opsgenie says yes to everything and works it off afterwards; by then it has usually decided. */
const usualPauseMs = 1000

/** Who took it there by hand is left alone by everything else. */
const endsAcknowledgement: ReadonlySet<Reason> = new Set<Reason>(['severity-rise', 'unacknowledged'])

const accepted = z.object({ requestId: z.string().regex(/^[\w-]{1,100}$/) })
const decided = z.object({ data: z.object({ isSuccess: z.boolean() }) })

/** Opsgenie and Jira Service Management: one open alert for each alias, whatever is told twice. */
export function opsgenieDriver(
  connection: OpenConnection,
  outside: Outside,
  pauseMs = usualPauseMs,
): Notifier {
  const settings = opsgenieSettings.parse(connection.settings)
  const call = caller(opsgenieBase(settings), connection, outside)
  const act = (verb: string, subject: Subject, body: object) =>
    call('POST', `/alerts/${encodeURIComponent(subject.key)}/${verb}?identifierType=alias`, body)

  /** A second one of the same alias only counts, so what it says is changed besides; the successor knows no such verbs. */
  const bringUpToDate = async (message: Tellable, subject: Subject) => {
    const alert = renderOpsgenieAlert(message, subject, settings)
    if (endsAcknowledgement.has(subject.reason))
      await act('unacknowledge', subject, renderOpsgenieAct(subject))
    const path = `/alerts/${encodeURIComponent(subject.key)}`
    await call('PUT', `${path}/message?identifierType=alias`, { message: alert.message })
    await call('PUT', `${path}/description?identifierType=alias`, { description: alert.description })
    await call('PUT', `${path}/priority?identifierType=alias`, { priority: alert.priority })
  }

  const tell = async (message: Tellable, isNew: boolean) => {
    const { subject } = message
    if (!subject) return
    if (subject.status === 'acknowledged')
      return void (await act('acknowledge', subject, renderOpsgenieAct(subject)))
    if (subject.status === 'resolved') return void (await act('close', subject, renderOpsgenieAct(subject)))
    const answer = await call('POST', '/alerts', renderOpsgenieAlert(message, subject, settings))
    if (isNew) await becameAnAlert(answer)
    else if (settings.preset !== 'jsm') await bringUpToDate(message, subject)
  }

  const becameAnAlert = async (answer: OutsideAnswer) => {
    const { requestId } = readAnswer(accepted, answer) ?? {}
    if (requestId === undefined) return
    await pause(pauseMs)
    const fate = await outside.request(call.question(`/alerts/requests/${requestId}`))
    if (fate.status === 200 && readAnswer(decided, fate)?.data.isSuccess === false)
      throw new DeliveryError(
        'It took the alert and then would not have it: check the responders and tags of this connection.',
        { retry: 'never', fault: 'client' },
      )
  }

  return {
    post: async (_address, message) => {
      await tell(message, true)
      return {}
    },
    update: async (_receipt, message) => {
      await tell(message, false)
      return undefined
    },
    // Who acknowledged and that it is over has been said by the verb itself.
    reply: async (_receipt, line, _deliveryId, { subject }) => {
      if (subject?.status === 'firing') await act('notes', subject, renderOpsgenieAct(subject, line))
    },
  }
}

function caller(base: string, { secrets }: OpenConnection, outside: Outside) {
  const headers = {
    authorization: `GenieKey ${opsgenieKey(secrets['apiKey'] ?? '') ?? ''}`,
    'content-type': 'application/json',
  }
  const call = async (method: 'POST' | 'PUT', path: string, body: object): Promise<OutsideAnswer> => {
    const answer = await outside.request({ url: base + path, method, headers, body: JSON.stringify(body) })
    const refused = refusedBy(answer, outside.clock())
    if (refused) throw refused
    return answer
  }
  const question = (path: string) => ({ url: base + path, method: 'GET' as const, headers })
  return Object.assign(call, { question })
}
