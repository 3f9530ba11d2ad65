import type { OpenConnection } from '#engine/connection/connection.ts'
import { logFileSettings } from '#engine/connection/log-file.ts'
import type { Line } from '#engine/message/message.ts'
import { renderLogLine } from '#engine/message/log-line.ts'
import type { Tellable } from '#engine/message/subject.ts'
import type { Outside } from '#workers/egress/outside.ts'
import { AlertLogRefused } from './alert-log.ts'
import { DeliveryError, type Notifier } from './notifier.ts'

const bytesPerMb = 1_000_000
/** A person has to change something first. */
const configRetryMs = 5 * 60_000

/** A line for the beginning and for every turn; `id` is the same however often it was tried. */
export function logFileDriver(connection: OpenConnection, { alertLog, clock }: Outside): Notifier {
  const { file, maxSizeMb, maxFiles } = logFileSettings.parse(connection.settings)
  const write = async (message: Tellable, id: string, news?: Line) => {
    if (!alertLog)
      throw new DeliveryError(
        'Nobody has said where log files are to be: set TOCSIN_ALERT_LOG_DIR and start again.',
        { retry: 'never', fault: 'config' },
      )
    const line = renderLogLine(message, { now: clock(), id, ...(news && { news }) })
    await alertLog
      .append({ file, line, maxBytes: maxSizeMb * bytesPerMb, maxFiles })
      .catch((error: unknown) => {
        throw fileFault(file, error)
      })
  }
  return {
    post: async (_address, message, deliveryId) => {
      await write(message, deliveryId)
      return {}
    },
    update: async () => undefined,
    reply: (_receipt, line, deliveryId, message) => write(message, deliveryId, line),
  }
}

const refusals: Readonly<Record<string, string>> = {
  ELOOP: 'is a symbolic link, which is never followed: remove it, or choose another name',
  ENXIO: 'is a pipe, and no ordinary file: remove it, or choose another name',
  EISDIR: 'is a folder: choose another name',
}

const passing: Readonly<Record<string, string>> = {
  ENOSPC: 'cannot grow because the disk is full: make room',
  EDQUOT: 'cannot grow because its quota is used up: make room',
  EFBIG: 'has reached the size this process may write: rotate earlier, or raise the limit',
  EACCES: 'may not be written by this process: check the owner of the folder',
  EPERM: 'may not be written by this process: check the owner of the folder',
  EROFS: 'is on a disk that cannot be written to',
}

function fileFault(file: string, error: unknown): DeliveryError {
  if (error instanceof AlertLogRefused)
    return new DeliveryError(`${file}: ${error.message} Remove it, or choose another name.`, {
      retry: 'never',
      fault: 'config',
    })
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  const refusal = refusals[code]
  if (refusal !== undefined)
    return new DeliveryError(`${file} ${refusal}.`, { retry: 'never', fault: 'config' })
  return new DeliveryError(`${file} ${passing[code] ?? `could not be written (${code})`}.`, {
    retry: 'later',
    afterMs: configRetryMs,
    fault: 'config',
    cause: error,
  })
}
