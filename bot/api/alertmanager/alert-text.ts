import type { PostedAlert } from '#engine/posted-alert.ts'
import { type AlertStanding, presentAlert } from '#engine/view/alertmanager.ts'

interface Written {
  readonly receivers: string
  /** Its JSON behind a comma, as one of a list. */
  readonly bytes: Buffer
}

const written = new WeakMap<PostedAlert, Written>()

/**
 * The JSON of a list of alerts. An alert that nothing keeps quiet is written once, for as long as it is the same alert with the same
 * receivers: ten thousand of them are ten megabytes for every dashboard that asks.
 */
export function alertsText(standings: readonly AlertStanding[]): Buffer {
  if (standings.length === 0) return Buffer.from('[]')
  const list = Buffer.concat([...standings.map(alertBytes), closing])
  list.write('[')
  return list
}

const closing = Buffer.from(']')

function alertBytes(standing: AlertStanding): Buffer {
  const { alert, silencedBy, inhibitedBy, mutedBy } = standing
  if (silencedBy.length + inhibitedBy.length + mutedBy.length > 0) return write(standing)
  const receivers = standing.receivers.join('\n')
  const known = written.get(alert)
  if (known?.receivers === receivers) return known.bytes
  const bytes = write(standing)
  written.set(alert, { receivers, bytes })
  return bytes
}

function write(standing: AlertStanding): Buffer {
  return Buffer.from(`,${JSON.stringify(presentAlert(standing))}`)
}
