import type { OpenIncident } from '#bot/console/local-chat.ts'

export interface Summary {
  readonly firing: number
  readonly acknowledged: number
}

export function summarize(incidents: readonly OpenIncident[]): Summary {
  const acknowledged = incidents.filter(isAcknowledged).length
  return { firing: incidents.length - acknowledged, acknowledged }
}

export function firingFirst(incidents: readonly OpenIncident[]): readonly OpenIncident[] {
  return incidents.toSorted((one, other) => Number(isAcknowledged(one)) - Number(isAcknowledged(other)))
}

export function isAcknowledged({ state }: OpenIncident): boolean {
  return state.toUpperCase() === 'ACKNOWLEDGED'
}
