import type { AdaptiveCard } from './adaptive-card.ts'
import type { Line } from './message.ts'
import { oneWay } from './one-way.ts'
import type { Tellable } from './subject.ts'
import { renderTeams } from './teams.ts'

/**
 * What the flow "When a Teams webhook request is received" takes. Without `attachments` it fails after it has said 202;
 * cards newer than 1.4 it shows as their fallback.
 */
export interface TeamsWorkflowMessage {
  readonly type: 'message'
  readonly attachments: readonly [
    {
      readonly contentType: 'application/vnd.microsoft.card.adaptive'
      readonly contentUrl: null
      readonly content: Omit<AdaptiveCard, 'version'> & { readonly version: '1.4' }
    },
  ]
}

export function renderTeamsWorkflow(message: Tellable, news?: Line): TeamsWorkflowMessage {
  const content = { ...renderTeams(oneWay(message, news)), version: '1.4' as const }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] }
}
