import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Made once for a whole test file: a key takes longer than most tests. */
const keys = { connector: keyPair(), unendorsed: keyPair(), stranger: keyPair() }

const algorithms = {
  connector: 'RS256',
  stranger: 'RS256',
  unendorsed: 'RS256',
  nobody: 'none',
  'public key as secret': 'HS256',
}

/** What a forger may change about a token; everything left out is as the Bot Connector would have it. */
export interface TokenChanges {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly signedBy?: keyof typeof algorithms
}

export interface TeamsIdentityServer {
  readonly openIdMetadataUrl: string
  token(appId: string, serviceUrl: string, changes?: TokenChanges): string
  close(): Promise<void>
}

/** The keys the Bot Connector signs with, published on loopback the way login.botframework.com publishes them. */
export async function startTeamsIdentity(): Promise<TeamsIdentityServer> {
  const published = [
    { ...keys.connector.jwk, kid: 'connector', endorsements: ['msteams'] },
    { ...keys.unendorsed.jwk, kid: 'unendorsed', endorsements: ['webchat'] },
  ]
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo
    const isKeys = request.url === '/keys'
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(isKeys ? { keys: published } : { jwks_uri: `http://127.0.0.1:${port}/keys` }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    // botbuilder keeps the keys of a metadata address for a day, across instances.
    openIdMetadataUrl: `http://127.0.0.1:${port}/openid/${randomUUID()}`,
    token: (appId, serviceUrl, changes = {}) => {
      const { signedBy = 'connector', claims = {} } = changes
      const kid = signedBy === 'unendorsed' ? 'unendorsed' : 'connector'
      const alg = algorithms[signedBy]
      const now = Math.floor(Date.now() / 1000)
      const told = [
        { typ: 'JWT', alg, kid, ...changes.header },
        {
          iss: 'https://api.botframework.com',
          aud: appId,
          serviceurl: serviceUrl,
          nbf: now - 10,
          exp: now + 3600,
          ...claims,
        },
      ]
      const content = told.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
      return `${content}.${sign(content, signedBy)}`
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }

  function sign(content: string, signedBy: NonNullable<TokenChanges['signedBy']>): string {
    if (signedBy === 'nobody') return ''
    if (signedBy === 'public key as secret') {
      return createHmac('sha256', keys.connector.publicPem).update(content).digest('base64url')
    }
    return createSign('RSA-SHA256').update(content).sign(keys[signedBy].privateKey, 'base64url')
  }
}

function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicPem = publicKey.export({ type: 'pkcs1', format: 'pem' })
  return { privateKey, publicPem, jwk: publicKey.export({ format: 'jwk' }) }
}
