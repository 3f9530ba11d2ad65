import type { IncomingMessage, ServerResponse } from 'node:http'

export interface TeamsSettings {
  /** The bot's Entra application (client) id; empty only for local development, see `anonymousOnLoopback`. */
  readonly appId: string
  readonly appType: 'SingleTenant' | 'UserAssignedMSI' | 'MultiTenant'
  /** The tenant the bot's registration lives in. */
  readonly tenantId: string
  /** The client secret; empty for a managed identity. */
  readonly secret: string
  /** Tenants whose people may speak to us; empty means only `tenantId`. */
  readonly allowedTenants: readonly string[]
  /** True: installing the app for oneself makes that chat a place of alerts too. An organisation may install an app for everyone, so by default it does not. */
  readonly personalAlerts?: boolean
  /** Development only: without an app id nothing is authenticated, so only this machine may speak to us. */
  readonly anonymousOnLoopback: boolean
  /** Where the keys of the Bot Connector are published, when that is not the public cloud. */
  readonly openIdMetadataUrl?: string
  /** The bearer token for our replies, when it does not come from the public cloud's Entra. */
  readonly accessToken?: () => Promise<string>
}

export interface TeamsDoor {
  /**
   * Answers one POST /api/messages. The body must still be unread and the response untouched: the door reads at most
   * 256 KB itself and always ends the response.
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  close(): Promise<void>
}

/** Who may come in. `anyone` exists only without authentication, on this machine. */
export interface Admission {
  readonly authenticated: boolean
  readonly tenants: ReadonlySet<string> | 'anyone'
}

/** botbuilder takes an empty app id as "check nothing", so what is missing must end the start, not open the door. */
export function admission(settings: TeamsSettings): Admission {
  const listed = [...settings.allowedTenants, settings.tenantId]
    .map((tenant) => tenant.trim())
    .filter(Boolean)
  if (!settings.appId.trim()) {
    if (settings.anonymousOnLoopback) return { authenticated: false, tenants: 'anyone' }
    throw new Error(
      'Teams has no app id, and without one nobody who calls /api/messages could be recognised. ' +
        'Set the app id of the bot registration, or turn on anonymous access for this machine during development.',
    )
  }
  if (listed.length === 0) {
    throw new Error(
      'Teams knows no tenant whose people may speak to it. Set the tenant id, or the allowed tenants.',
    )
  }
  return { authenticated: true, tenants: new Set(listed) }
}
