import { webApi } from '@slack/bolt'
import { NotFound } from '#db/errors.ts'
import { TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'

const slackRefusals: Readonly<Record<string, string>> = {
  expired_trigger_id: 'Slack allows three seconds to open a window, and they had passed. Please try again.',
  exchanged_trigger_id: 'The window for this click was opened already. Please click again.',
  trigger_expired: 'Slack allows three seconds to open a window, and they had passed. Please try again.',
  missing_scope: 'The Slack app lacks a permission; reinstall it from the manifest of this version.',
}

/** The why of a failure for the person in the chat; everything that could be an inside of ours stays in the log. */
export function explain(error: unknown): string {
  if (error instanceof NotFound || error instanceof TelemetryUnavailable) return error.message
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return `Slack asks for a pause of ${error.retryAfter} s. Please try again then.`
  }
  if (error instanceof webApi.WebAPIPlatformError) {
    return slackRefusals[error.data.error] ?? `Slack refused it: ${error.data.error}.`
  }
  if (error instanceof webApi.WebAPIRequestError || error instanceof webApi.WebAPIHTTPError) {
    return 'Slack did not answer. Please try again in a moment.'
  }
  return 'Something failed on our side. Please try again; if it stays, give the reference below to whoever runs this.'
}
