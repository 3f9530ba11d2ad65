import type { FlappingSettings } from './advance/flapping.ts'
import { defaultNotificationSettings, type NotificationSettings } from './notify/decide-notification.ts'
import { defaultRoutingSettings, type RoutingSettings } from './route/routing.ts'

/** By which defaults it is decided who hears, and when: the same for rules, pushed events and clicks. */
export interface DecisionSettings {
  readonly notification: NotificationSettings
  readonly routing: RoutingSettings
  /** An alert closed by hand opens again after this long if its source still fails; null = not before it cleared once. */
  readonly reopenAfterSeconds: number | null
  /** null = every turn is told. Contacts are always told as Flapjack tells them. */
  readonly flapping: FlappingSettings | null
}

export const defaultDecisionSettings: DecisionSettings = {
  notification: defaultNotificationSettings,
  routing: defaultRoutingSettings,
  reopenAfterSeconds: null,
  flapping: { changes: 6, windowSeconds: 600 },
}
