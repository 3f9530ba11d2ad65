import { fetch } from 'undici'
import { z } from 'zod'
import { DeliveryError } from './notifier.ts'

export interface TeamsIdentity {
  readonly appId: string
  readonly appType: 'SingleTenant' | 'UserAssignedMSI' | 'MultiTenant'
  readonly tenantId: string
  readonly secret: string
  /** Where tokens come from, when that is not the public cloud. */
  readonly tokenUrl?: string
}

export interface TeamsToken {
  current(): Promise<string>
  /** The token was refused: the next one is a new one. */
  discard(): void
}

const granted = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number() })
const timeoutMs = 10_000
/** A token is not used in its last five minutes, so that it cannot run out on the way. */
const marginMs = 300_000

/** The bearer token of the Bot Connector; asked for once for however many deliveries wait for it. */
export function teamsToken(identity: TeamsIdentity): TeamsToken {
  let token: { readonly value: Promise<string>; until: number } | undefined
  return {
    current() {
      if (token && token.until > Date.now()) return token.value
      const asked = askToken(identity)
      const held = { value: asked.then(({ access_token }) => access_token), until: Date.now() + timeoutMs }
      token = held
      asked.then(
        ({ expires_in }) => (held.until = Date.now() + expires_in * 1000 - marginMs),
        () => (held.until = 0),
      )
      return held.value
    },
    discard() {
      token = undefined
    },
  }
}

async function askToken(identity: TeamsIdentity): Promise<z.infer<typeof granted>> {
  const { url, ...request } = tokenRequest(identity)
  const response = await fetch(url, {
    ...request,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw new DeliveryError('Microsoft Entra could not be reached for a token', { retry: 'later', cause })
  })
  const body: unknown = await response.json().catch(() => undefined)
  const token = granted.safeParse(body).data
  if (response.ok && token) return token
  const retry = response.status === 429 || response.status >= 500 ? 'later' : 'never'
  const code = z.object({ error: z.string().max(80) }).safeParse(body).data?.error ?? 'no reason given'
  throw new DeliveryError(
    `Microsoft Entra gave no token for Teams app ${identity.appId}: HTTP ${response.status}, ${code}. ` +
      'Check the app id, its secret and its tenant.',
    { retry },
  )
}

const resource = 'https://api.botframework.com'

/** https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
function tokenRequest({ appId, appType, tenantId, secret, tokenUrl }: TeamsIdentity) {
  if (appType === 'UserAssignedMSI') {
    const url = new URL(tokenUrl ?? 'http://169.254.169.254/metadata/identity/oauth2/token')
    url.search = new URLSearchParams({ 'api-version': '2018-02-01', resource, client_id: appId }).toString()
    return { url, method: 'GET', headers: { Metadata: 'true' } }
  }
  const tenant = appType === 'SingleTenant' ? tenantId : 'botframework.com'
  return {
    url: new URL(
      tokenUrl ?? `https://login.microsoftonline.com/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    ),
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: appId,
      client_secret: secret,
      scope: `${resource}/.default`,
    }),
  }
}
