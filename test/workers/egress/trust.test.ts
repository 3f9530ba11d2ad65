import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { ServerOptions } from 'node:https'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { anAuthority, type Authority, type Certified } from '#test/harness/certificates.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { after } from '#test/harness/engine-things.ts'
import { type FakeMailServer, openFakeMailServer } from '#test/harness/fake-mail-server.ts'
import { eventually } from '#test/harness/eventually.ts'
import { openHttpReceiver } from '#test/harness/http-receiver.ts'
import { requires } from '#test/harness/requires.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { openDriver } from '#workers/notifiers/connections.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'

let ours: Authority
let theirs: Authority
let good: Certified
let opened: { close(): Promise<void> }[] = []

const hour = 3600_000

beforeAll(() => {
  ours = anAuthority()
  theirs = anAuthority("Somebody else's authority")
  good = ours.certify()
})
afterEach(async () => {
  for (const one of opened.toReversed()) await one.close()
  opened = []
})

/** Where something is sent, and how much of it arrived. */
interface Place {
  readonly connection: (tls: object, secrets: object) => Parameters<typeof openedConnection>[0]
  readonly arrived: () => number
}

type Serving = (shown: Certified, asking?: ServerOptions) => Promise<Place>

const webhook: Serving = async ({ certificate, key }, asking) => {
  const receiver = await openHttpReceiver(undefined, { cert: certificate, key, ...asking })
  opened.push(receiver)
  return {
    connection: (tls, secrets) => ({ settings: { tls }, secrets: { url: receiver.url, ...secrets } }),
    arrived: () => receiver.requests.length,
  }
}

const mail =
  (security: 'tls' | 'starttls'): Serving =>
  async ({ certificate, key }, asking) => {
    const secure = security === 'tls'
    const server: FakeMailServer = await openFakeMailServer({ secure, cert: certificate, key, ...asking })
    opened.push(server)
    const settings = { host: '127.0.0.1', port: server.port, security }
    const people = { from: 'alerts@example.org', to: ['ops@example.org'] }
    return {
      connection: (tls, secrets) => ({ kind: 'email', settings: { ...settings, ...people, tls }, secrets }),
      arrived: () => server.mails.filter(({ wasEncrypted }) => wasEncrypted).length,
    }
  }

async function tell({ connection }: Place, tls: object, secrets: object = {}) {
  const egress = openEgress(['127.0.0.1'], 2)
  opened.push(egress)
  const outside = openOutside(egress, () => after(0))
  const notifier = openDriver(openedConnection(connection(tls, secrets)), outside)
  try {
    await notifier.post({}, aTelling(), 'd')
    return 'told'
  } catch (error) {
    return error instanceof DeliveryError ? error : expect.fail(String(error))
  }
}

const refused = (message: RegExp) => ({
  retry: 'later',
  afterMs: 5 * 60_000,
  fault: 'config',
  message: expect.stringMatching(message),
})

describe.each([
  ['a webhook', webhook],
  ['a mail over TLS', mail('tls')],
  ['a mail over STARTTLS', mail('starttls')],
])('%s', (_what, serve) => {
  test("by the system's authorities goes to whom they vouch for, and to nobody else", async () => {
    const place = await serve(good)
    const system = { mode: 'SYSTEM_DEFAULT' }
    expect(await tell(place, system)).toMatchObject(refused(/Nobody we believe vouches.*CUSTOM_CA/))
    const before = getCACertificates('default')
    setDefaultCACertificates([...before, ours.certificate])
    const answer = await tell(place, system)
    setDefaultCACertificates(before)
    expect(answer).toBe('told')
    expect(place.arrived()).toBe(1)
  })

  test("by an authority of one's own goes to whom that one vouches for, and to nobody else", async () => {
    const place = await serve(good)
    expect(await tell(place, { mode: 'CUSTOM_CA', ca: ours.certificate })).toBe('told')
    const wrong = await tell(place, { mode: 'CUSTOM_CA', ca: theirs.certificate })
    expect(wrong).toMatchObject(refused(/Nobody we believe vouches/))
    expect(place.arrived()).toBe(1)
  })

  test('by a pin goes to that certificate, whoever signed it, and to no other', async () => {
    const place = await serve(good)
    expect(await tell(place, { mode: 'PINNED', sha256: good.sha256 })).toBe('told')
    const other = await tell(place, { mode: 'PINNED', sha256: ours.certify().sha256 })
    expect(other).toMatchObject(refused(/does not show the certificate that is pinned/))
    expect(place.arrived()).toBe(1)
  })

  test('with a certificate of ours goes to who asks for one', async () => {
    const client = ours.certify({ names: ['tocsin'], addresses: [] })
    const asking = { requestCert: true, rejectUnauthorized: true, ca: ours.certificate }
    const place = await serve(good, asking)
    const tls = { mode: 'CLIENT_CERTIFICATE', ca: ours.certificate, certificate: client.certificate }
    expect(await tell(place, tls, { clientKey: client.key })).toBe('told')
    expect(place.arrived()).toBe(1)
  })

  test('goes to anybody where that was chosen', async () => {
    const place = await serve(theirs.certify({ addresses: ['10.9.9.9'] }))
    expect(await tell(place, { mode: 'INSECURE' })).toBe('told')
  })

  test('does not go where the certificate is of another time or another place, and it is said which', async () => {
    const trust = { mode: 'CUSTOM_CA', ca: ours.certificate }
    const [past, future] = [new Date(Date.now() - hour), new Date(Date.now() + hour)]
    for (const [wish, words] of [
      [{ until: past }, /has expired: whoever runs it has to renew it/],
      [{ from: future }, /not valid yet: compare the clock/],
      [{ addresses: ['10.9.9.9'] }, /is for another name/],
    ] as const) {
      const place = await serve(ours.certify(wish))
      expect(await tell(place, trust)).toMatchObject(refused(words))
      expect(place.arrived()).toBe(0)
    }
  })
})

const openssl = requires('openssl')

/** Node ends such connections without a word, others say why: by TLS 1.3 only once the handshake is over. */
describe('who asks for a certificate of ours', () => {
  beforeEach(({ skip }) => skip('missing' in openssl, 'missing' in openssl ? openssl.missing : ''))

  test.each(['tls1_2', 'tls1_3'])(
    'and gets none, or one of strangers, is understood, by %s',
    async (version) => {
      const place = await demanding('path' in openssl ? openssl.path : '', version)
      const none = await tell(place, { mode: 'CUSTOM_CA', ca: ours.certificate })
      expect(none).toMatchObject(refused(/choose CLIENT_CERTIFICATE/))
      const ofStrangers = theirs.certify()
      const tls = { mode: 'CLIENT_CERTIFICATE', ca: ours.certificate, certificate: ofStrangers.certificate }
      const strange = await tell(place, tls, { clientKey: ofStrangers.key })
      expect(strange).toMatchObject(refused(/does not believe the certificate we show/))
    },
  )
})

async function demanding(program: string, version: string): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-tls-'))
  const files = { cert: good.certificate, key: good.key, CAfile: ours.certificate }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const named = Object.keys(files).flatMap((name) => [`-${name}`, join(folder, name)])
  const demands = ['-Verify', '2', '-verify_return_error', '-www', `-${version}`]
  const server = spawn(program, ['s_server', '-accept', '127.0.0.1:0', ...named, ...demands])
  const exited = once(server, 'exit')
  opened.push({
    close: async () => {
      server.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true })
    },
  })
  let said = ''
  server.stdout.on('data', (chunk) => (said += chunk))
  await eventually('it to listen', () => /ACCEPT \S+:\d+/.test(said))
  const url = `https://127.0.0.1:${/ACCEPT \S+:(\d+)/.exec(said)?.[1]}/`
  return {
    connection: (tls, secrets) => ({ settings: { tls }, secrets: { url, ...secrets } }),
    arrived: () => 0,
  }
}

test('a certificate without its key, or no certificate at all, is said to be so', async () => {
  const place = await webhook(good)
  const tls = { mode: 'CLIENT_CERTIFICATE', ca: ours.certificate, certificate: good.certificate }
  expect(await tell(place, tls, { clientKey: theirs.key })).toMatchObject(refused(/do not belong together/))
  const nonsense = '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----'
  expect(await tell(place, { ...tls, certificate: nonsense }, { clientKey: good.key })).toMatchObject(
    refused(/cannot be read/),
  )
})
