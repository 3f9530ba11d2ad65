import { TurnstileFull } from './turnstile.ts'
import { UnsupportedRequest } from './request.ts'

/** A failure in the words of ClickHouse's HTTP interface. */
export interface Exception {
  readonly code: number
  readonly status: number
  /** `Code: N. DB::Exception: … (NAME)`, the form every ClickHouse client parses. */
  readonly text: string
}

export class RequestTooLarge extends Error {}

/** Statuses as ClickHouse answers them; any other code is 500. */
const statusByCode: ReadonlyMap<number, number> = new Map([
  ...[6, 25, 26, 27, 38, 41, 43, 53, 62, 69, 72, 117, 130, 131, 456, 457].map((code) => [code, 400] as const),
  ...[46, 47, 50, 56, 60, 63, 73, 81, 115, 141].map((code) => [code, 404] as const),
  [48, 501],
  [159, 408],
  [202, 503],
  [307, 413],
  [516, 403],
])

const codePattern = /^Code: (\d+)\. DB::Exception: /

export function toException(error: unknown): Exception {
  if (error instanceof UnsupportedRequest) return exception(36, `${error.message}. (BAD_ARGUMENTS)`, 400)
  if (error instanceof RequestTooLarge) return exception(307, `${error.message}. (TOO_MANY_BYTES)`)
  if (error instanceof TurnstileFull)
    return exception(202, `${error.message}. (TOO_MANY_SIMULTANEOUS_QUERIES)`)
  const message = error instanceof Error ? error.message : String(error)
  const code = codePattern.exec(message)?.[1]
  if (code === undefined) return exception(1002, `${message} (UNKNOWN_EXCEPTION)`)
  return { code: Number(code), status: statusByCode.get(Number(code)) ?? 500, text: message }
}

export const authenticationFailed = exception(516, 'Wrong user name or password. (AUTHENTICATION_FAILED)')

function exception(code: number, text: string, status = statusByCode.get(code) ?? 500): Exception {
  return { code, status, text: `Code: ${code}. DB::Exception: ${text}` }
}
