import { DeliveryError } from './notifier.ts'

/** What to do about it, for whoever reads the log at night. */
const advice: Readonly<Record<string, string>> = {
  channel_not_found:
    'the channel is gone, or private and the bot is not in it; invite it there (/invite @Tocsin)',
  not_in_channel: 'the bot is not in the channel; invite it there (/invite @Tocsin)',
  is_archived: 'the channel is archived; unarchive it or choose another one',
  restricted_action: 'the workspace does not let the bot post in this channel',
  invalid_auth: 'SLACK_BOT_TOKEN is not valid any more; reinstall the app and set the new token',
  not_authed: 'SLACK_BOT_TOKEN is empty',
  account_inactive: 'the app was removed from the workspace; install it again and set the new token',
  token_revoked: 'SLACK_BOT_TOKEN was revoked; reinstall the app and set the new token',
  token_expired: 'SLACK_BOT_TOKEN has expired; set a new one',
  missing_scope: 'the app lacks a permission; reinstall it from the manifest of this version',
}

const passing = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
])

const ofTheToken = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
])

/** Slack's own word for why it refused, undefined when it did not answer as Slack. */
export function slackRefusal(cause: unknown): string | undefined {
  const data = field(cause, 'data')
  const refusal = field(data, 'error')
  return typeof refusal === 'string' ? refusal : undefined
}

/** Classified by the documented fields of the SDK's errors, so that this file does not load the SDK. */
export function slackDeliveryError(channel: string, cause: unknown): DeliveryError {
  const refusal = slackRefusal(cause)
  if (refusal !== undefined) {
    const retry = passing.has(refusal) ? 'later' : 'never'
    const why = advice[refusal] ?? refusal
    const fault = ofTheToken.has(refusal) ? { fault: 'auth' as const } : {}
    const text = `Slack refused a message to ${channel} (${refusal}): ${why}`
    return new DeliveryError(text, { retry, ...fault, cause })
  }
  const pauseSeconds = field(cause, 'retryAfter')
  if (typeof pauseSeconds === 'number') {
    const afterMs = pauseSeconds * 1000
    return new DeliveryError(`Slack asks for a pause of ${pauseSeconds} s`, {
      retry: 'later',
      afterMs,
      status: 429,
      fault: 'rate-limited',
      cause,
    })
  }
  const status = field(cause, 'statusCode')
  if (typeof status === 'number' && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return new DeliveryError(`Slack answered a message to ${channel} with HTTP ${status}`, {
      retry: 'never',
      fault: 'client',
      status,
      cause,
    })
  }
  return new DeliveryError(`Slack could not be reached with a message to ${channel}`, {
    retry: 'later',
    cause,
  })
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined
}
