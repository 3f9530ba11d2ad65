import { TelemetryUnavailable, type Unavailability } from '#engine/telemetry/telemetry.ts'
import type { WireStatus } from './wire.ts'

/** The API server answered, and not with what was asked for. */
export class Refusal extends Error {
  readonly status: number
  readonly retryAfterMs: number | undefined

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** It answered something that no API server answers. */
export class Malformed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Malformed'
  }
}

/** What was asked for lies too far back: everything must be listed anew. */
export function isGone(error: unknown): boolean {
  return error instanceof Refusal && error.status === 410
}

export function asStatus(body: unknown): WireStatus | undefined {
  const isStatus = typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status'
  return isStatus && 'code' in body && typeof body.code === 'number' ? (body as WireStatus) : undefined
}

/** In words for people; without anything of the request, which holds the credentials. */
export function explain(error: unknown, host: string, what: string): TelemetryUnavailable {
  const { because, problem } = diagnose(error, what)
  return new TelemetryUnavailable('kubernetes', because, `Kubernetes at ${host} ${problem}`)
}

interface Diagnosis {
  readonly because: Unavailability
  readonly problem: string
}

function diagnose(error: unknown, what: string): Diagnosis {
  if (error instanceof Refusal) return diagnoseRefusal(error, what)
  if (error instanceof Malformed)
    return {
      because: 'unreachable',
      problem: `answered something that is no ${what} (${error.message}): see whether TOCSIN_KUBERNETES names an API server`,
    }
  const detail = detailOf(error)
  if (/timeout/i.test(detail))
    return { because: 'slow', problem: `did not answer about ${what} in time: see what else it is doing` }
  return {
    because: 'unreachable',
    problem: `cannot be reached (${detail}): see whether it runs and whether TOCSIN_KUBERNETES names it rightly`,
  }
}

function diagnoseRefusal({ status, message }: Refusal, what: string): Diagnosis {
  const said = `${status} ${message}`.trim()
  switch (status) {
    case 401:
      return {
        because: 'refused',
        problem: `does not accept our credentials (${said}): see the user or token behind TOCSIN_KUBERNETES`,
      }
    case 403:
      return {
        because: 'refused',
        problem: `forbids us to watch ${what} (${said}): grant get, list and watch, as manifests/kubernetes/access.yaml does`,
      }
    case 404:
      return {
        because: 'refused',
        problem: `knows no ${what} (${said}): see whether TOCSIN_KUBERNETES names an API server`,
      }
    case 408:
    case 504:
      return { because: 'slow', problem: `did not answer about ${what} in time (${said})` }
    default:
      return {
        because: 'overloaded',
        problem: `could not answer about ${what} (${said}): see what else it is doing`,
      }
  }
}

/** The outermost message of a failed fetch says nothing; its cause has a code. */
function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'timeout'
  const { code } = error as NodeJS.ErrnoException
  if (typeof code === 'string') return code
  if (error.cause instanceof Error) return detailOf(error.cause)
  return error.message.split('\n', 1)[0]?.slice(0, 200) ?? error.name
}
