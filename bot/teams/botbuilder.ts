import type { Activity } from 'botbuilder'
import type { TeamsSettings } from './settings.ts'

/** Plain JSON of the activity protocol, which outlives the package that speaks it for us here. */
export type ActivityJson = Readonly<Record<string, unknown>>

export interface InvokeAnswer {
  readonly status: number
  readonly body?: unknown
}

export interface Turn {
  /** Sends into the conversation the activity came from, in its thread. */
  reply(activity: ActivityJson): Promise<void>
}

export interface Connector {
  /**
   * Checks who sent the activity and only then takes the turn. Throws Unauthenticated, or whatever the turn threw.
   */
  receive(
    authorization: string,
    activity: ActivityJson,
    take: (turn: Turn) => Promise<InvokeAnswer | undefined>,
  ): Promise<InvokeAnswer>
}

export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated'
}

const issuer = 'https://api.botframework.com'

/** The public cloud's addresses; given all at once, because botbuilder takes one of them as a promise of all. */
function cloud(settings: TeamsSettings) {
  return {
    MicrosoftAppId: settings.appId,
    MicrosoftAppTenantId: settings.tenantId,
    MicrosoftAppType: settings.appType,
    MicrosoftAppPassword: settings.secret,
    ToChannelFromBotLoginUrl: 'https://login.microsoftonline.com/botframework.com',
    ToChannelFromBotOAuthScope: issuer,
    ToBotFromChannelTokenIssuer: issuer,
    OAuthUrl: issuer,
    ToBotFromChannelOpenIdMetadataUrl:
      settings.openIdMetadataUrl ?? 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    ToBotFromEmulatorOpenIdMetadataUrl:
      'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration',
    ValidateAuthority: true,
  }
}

/** The only place that knows botbuilder; it is large, so it is loaded when Teams is switched on and not before. */
export async function openConnector(settings: TeamsSettings): Promise<Connector> {
  const {
    CloudAdapter,
    ConfigurationBotFrameworkAuthentication,
    ConfigurationServiceClientCredentialFactory,
  } = await import('botbuilder')
  const options = cloud(settings)
  const credentials =
    settings.appId && !settings.accessToken
      ? new ConfigurationServiceClientCredentialFactory(options)
      : bearer(settings)
  const checks = { requiredEndorsements: [], validateClaims: refuseOtherIssuers }

  class Adapter extends CloudAdapter implements Connector {
    async receive(
      authorization: string,
      activity: ActivityJson,
      take: (turn: Turn) => Promise<InvokeAnswer | undefined>,
    ): Promise<InvokeAnswer> {
      let isAdmitted = false
      let answer: InvokeAnswer = { status: 200 }
      await this.processActivity(authorization, { ...activity } as unknown as Activity, async (context) => {
        isAdmitted = true
        const reply = async (sent: ActivityJson) => void (await context.sendActivity(sent))
        answer = (await take({ reply })) ?? answer
      }).catch((cause: unknown) => {
        // A forged signature arrives here as a plain Error, which botbuilder's own HTTP handler answers with 500.
        throw isAdmitted ? cause : new Unauthenticated('The Bot Connector token was refused', { cause })
      })
      return answer
    }
  }
  return new Adapter(new ConfigurationBotFrameworkAuthentication(options, credentials, checks))
}

/** botbuilder also admits tokens of its emulator and of other bots; Teams sends neither. */
async function refuseOtherIssuers(claims: readonly { type: string; value: string }[]): Promise<void> {
  if (claims.find((claim) => claim.type === 'iss')?.value === issuer) return
  throw new Error(`The token was not issued by ${issuer}`)
}

/** Without an app id there is nobody to check and nothing to sign with; see `admission`, which allows it or not. */
function bearer({ appId, accessToken }: TeamsSettings) {
  return {
    isValidAppId: async (id: string) => id === appId,
    isAuthenticationDisabled: async () => appId === '',
    createCredentials: async () => ({
      async signRequest<Request extends { headers: { set(name: string, value: string): void } }>(
        request: Request,
      ) {
        if (appId && accessToken) request.headers.set('Authorization', `Bearer ${await accessToken()}`)
        return request
      },
    }),
  }
}
