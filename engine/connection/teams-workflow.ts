import { z } from 'zod'
import { defineConnection } from './connection.ts'
import { originOf, outsideUrlProblem } from './outside-url.ts'

const teamsWorkflowSettings = z.strictObject({})

/** Microsoft switched these off in May 2026; a URL of theirs still looks as if it should work. */
function connectorProblem(url: string): string | undefined {
  const { hostname, pathname } = URL.parse(url) ?? {}
  const isConnector =
    hostname !== undefined &&
    (hostname === 'webhook.office.com' ||
      hostname.endsWith('.webhook.office.com') ||
      (/^outlook\.office(365)?\.com$/.test(hostname) && (pathname ?? '').startsWith('/webhook')))
  return isConnector
    ? 'This is a URL of an Office 365 connector, which Microsoft switched off in May 2026. In Teams, add the workflow "Send webhook alerts to a channel" to the channel and enter the URL it shows.'
    : undefined
}

export const teamsWorkflow = defineConnection<z.infer<typeof teamsWorkflowSettings>>({
  kind: 'teams-workflow',
  label: 'Microsoft Teams workflow',
  about: 'Writes a new card for every turn of an alert; the Teams app edits one message and takes answers.',
  settings: teamsWorkflowSettings,
  secrets: [
    {
      name: 'url',
      label: 'URL of the workflow',
      required: true,
      problem: (url) => connectorProblem(url) ?? outsideUrlProblem(url),
    },
  ],
  hostOf: (_settings, { url }) => (url === undefined ? undefined : originOf(url)),
})
