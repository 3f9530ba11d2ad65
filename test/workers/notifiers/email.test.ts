import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectNoSecret, notifierContract } from '#test/contracts/notifier.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { after } from '#test/harness/engine-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type FakeMailServer, openFakeMailServer } from '#test/harness/fake-mail-server.ts'
import { type Egress, openEgress } from '#workers/egress/egress.ts'
import { openOutside, type Outside } from '#workers/egress/outside.ts'
import { listeningToAnswers } from '#workers/notifiers/answered.ts'
import { openDriver } from '#workers/notifiers/connections.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'

const [user, password] = ['tocsin', 'mail-server-password']

function connectionTo({ port }: { readonly port: number }, settings: object = {}) {
  return openedConnection({
    kind: 'email',
    settings: {
      host: '127.0.0.1',
      port,
      security: 'none',
      username: user,
      from: 'alerts@example.org',
      to: ['ops@example.org', 'ada@example.org'],
      ...settings,
    },
    secrets: { password },
  })
}

notifierContract('Email', { dropsDoubles: false, isLiving: false, speaksHttp: false }, async () => {
  const server = await openFakeMailServer({ user, password })
  return {
    connection: connectionTo(server),
    open: openDriver,
    shown: () => server.mails.map(({ text }) => ({ text })),
    complaints: [],
    close: server.close,
  }
})

describe('a mail', () => {
  let server: FakeMailServer
  let egress: Egress

  beforeEach(async () => {
    server = await openFakeMailServer({ user, password })
    egress = openEgress(['127.0.0.1'], 4)
  })
  afterEach(async () => {
    await egress.close()
    await server.close()
  })

  const notifier = (settings: object = {}) =>
    openDriver(
      connectionTo(server, settings),
      openOutside(egress, () => after(0)),
    )
  const failure = async (settings: object = {}): Promise<DeliveryError> => {
    const error: unknown = await notifier(settings)
      .post({}, aTelling(), 'd')
      .catch((thrown: unknown) => thrown)
    if (!(error instanceof DeliveryError)) return expect.fail('it was delivered')
    expectNoSecret(error, connectionTo(server, settings))
    return error
  }

  test('goes to those who were named and says what it is, as text and as a page', async () => {
    await notifier({ replyTo: 'team@example.org' }).post({}, aTelling({ labels: {} }), 'd')
    const [mail] = server.mails
    expect(mail).toMatchObject({ from: 'alerts@example.org', to: ['ops@example.org', 'ada@example.org'] })
    expect(mail?.headers).toMatchObject({
      subject: '[Tocsin] #7 Card payments are failing',
      from: 'Tocsin <alerts@example.org>',
      to: 'ops@example.org, ada@example.org',
      'reply-to': 'team@example.org',
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'All',
      precedence: 'bulk',
      'list-id': 'Tocsin <tocsin.example.org>',
      'x-tocsin-incident': 'tocsin-6a1a5f0e-0000-4000-8000-000000000007',
      date: 'Sat, 21 Nov 2026 00:00:00 +0000',
    })
    expect(mail?.text).toContain('Error rate is 24 %.')
    expect(mail?.text).toContain('https://alerts.example.com/#show=7')
    expect(mail?.html).toContain('<a href="https://alerts.example.com/#show=7">')
  })

  test('about one incident has one subject and one thread', async () => {
    const receipt = await notifier().post({}, aTelling(), 'd1')
    const later = { ...aTelling({ status: 'resolved', title: 'Called otherwise now' }), headline: 'Over' }
    await notifier().reply(receipt, ['It cleared by itself.'], 'd2', later)
    const [first, second] = server.mails.map(({ headers }) => headers)
    expect(second?.['subject']).toBe(first?.['subject'])
    expect(second?.['in-reply-to']).toBe(first?.['message-id'])
    expect(second?.['references']).toBe(first?.['message-id'])
    expect(second?.['message-id']).not.toBe(first?.['message-id'])
    expect(first?.['message-id']).toMatch(/^<tocsin-[\w-]+\.[0-9a-f]{16}@example\.org>$/)
    expect(server.mails[1]?.text.split('\n')[0]?.trim()).toBe('It cleared by itself.')
  })

  test('tried again has the same Message-ID', async () => {
    await notifier().post({}, aTelling(), 'd1')
    await notifier().post({}, aTelling(), 'd1')
    expect(new Set(server.mails.map(({ headers }) => headers['message-id'])).size).toBe(1)
  })

  test('of hostile text has no markup, header or recipient of its own', async () => {
    const text = 'x\r\nBcc: evil@example.org\r\n\r\n<img src=x onerror=alert(1)> "><script>'
    await notifier().post({}, { ...aTelling({ title: text }), headline: text, lines: [[text]] }, 'd')
    const [mail] = server.mails
    expect(mail?.headers).not.toHaveProperty('bcc')
    expect(mail?.to).toEqual(['ops@example.org', 'ada@example.org'])
    expect(mail?.html).not.toMatch(/<img|<script/)
  })

  test('some of whose recipients are refused reaches the others, once, and it is kept who was not', async () => {
    server.refuses.set('ada@example.org', 550)
    const answer = await listeningToAnswers(async (answered) => {
      await notifier().post({}, aTelling(), 'd')
      return answered()
    })
    expect(answer).toEqual({ snippet: 'It took none for ada@example.org.' })
    expect(server.mails.map(({ to }) => to)).toEqual([['ops@example.org']])
  })

  test.each([
    ['all recipients are unknown', 550, 'never', 'client'],
    ['the recipients are greylisted', 450, 'later', 'server'],
  ] as const)('where %s', async (_, reply, retry, fault) => {
    for (const address of ['ops@example.org', 'ada@example.org']) server.refuses.set(address, reply)
    expect(await failure()).toMatchObject({ retry, fault })
  })

  test.each([
    [451, 'later', 'server'],
    [552, 'never', 'client'],
    ['hang up', 'later', 'network'],
  ] as const)('that is answered with %s', async (trouble, retry, fault) => {
    server.next.push(trouble)
    expect(await failure()).toMatchObject({ retry, fault })
  })

  test('with a wrong password is not tried again', async () => {
    expect(await failure({ username: 'somebody' })).toMatchObject({ retry: 'never', fault: 'auth' })
  })

  test('to a server that is not there is tried again', async () => {
    const { port } = server
    await server.close()
    expect(await failure({ port })).toMatchObject({ retry: 'later', fault: 'network' })
    server = await openFakeMailServer({ user, password })
  })

  test('to a server inside the house is not sent, unless that is allowed', async () => {
    const strict = openEgress([], 4)
    const closed = openDriver(
      connectionTo(server),
      openOutside(strict, () => after(0)),
    )
    await expect(closed.post({}, aTelling(), 'd')).rejects.toMatchObject({ retry: 'never', fault: 'config' })
    expect(server.mails).toEqual([])
    await strict.close()
  })
})

describe('the way to the mail server', () => {
  let egress: Egress
  let server: FakeMailServer

  beforeEach(() => {
    egress = openEgress(['127.0.0.1'], 4)
  })
  afterEach(async () => {
    await egress.close()
    await server.close()
  })

  const send = (settings: object) =>
    openDriver(
      connectionTo(server, settings),
      openOutside(egress, () => after(0)),
    ).post({}, aTelling(), 'd')

  test.each([
    ['starttls', {}],
    ['tls', { secure: true }],
  ])('is encrypted with %s where the certificate need not be believed', async (security, options) => {
    server = await openFakeMailServer({ user, password, ...options })
    await send({ security, tls: { mode: 'INSECURE' } })
    expect(server.mails).toMatchObject([{ wasEncrypted: true }])
  })

  test.each([
    ['starttls', {}],
    ['tls', { secure: true }],
  ])('with %s ends at a certificate nobody vouches for', async (security, options) => {
    server = await openFakeMailServer({ user, password, ...options })
    await expect(send({ security })).rejects.toMatchObject({ retry: 'later', fault: 'config' })
    expect(server.mails).toEqual([])
  })

  test('is never in the open where encryption was asked for', async () => {
    server = await openFakeMailServer({ user, password, disabledCommands: ['STARTTLS'] })
    await expect(send({ security: 'starttls' })).rejects.toMatchObject({
      fault: 'config',
      message: expect.stringMatching(/encryption/),
    })
    expect(server.mails).toEqual([])
  })
})

describe('many mails', () => {
  let egress: Egress
  let server: FakeMailServer

  beforeEach(async () => {
    egress = openEgress(['127.0.0.1'], 4)
    server = await openFakeMailServer({ user, password })
  })
  afterEach(async () => {
    await egress.close()
    await server.close()
  })

  const open = () => openOutside(egress, () => after(0))
  const send = (outside: Outside, deliveryId: string, settings: object = {}) =>
    openDriver(connectionTo(server, settings), outside).post({}, aTelling(), deliveryId)

  test('go one after the other over what was opened for the first, whoever they are for', async () => {
    const outside = open()
    for (const name of ['a', 'b', 'c']) await send(outside, name, { to: [`${name}@example.org`] })
    expect(server.mails.map(({ to }) => to)).toEqual([
      ['a@example.org'],
      ['b@example.org'],
      ['c@example.org'],
    ])
    expect(server.visits.made).toBe(1)
  })

  test('go at most three at a time', async () => {
    const outside = open()
    await Promise.all(Array.from({ length: 20 }, (_, number) => send(outside, `${number}`)))
    expect(server.mails).toHaveLength(20)
    expect(server.visits.most).toBe(3)
  })

  test('the next one gets through where the server has closed what was open', async () => {
    const outside = open()
    await send(outside, 'a')
    server.next.push('hang up')
    await expect(send(outside, 'b')).rejects.toMatchObject({ retry: 'later' })
    await send(outside, 'b')
    expect(server.mails).toHaveLength(2)
  })

  test('what is open under settings of before is closed, and nothing is sent by it', async () => {
    const outside = open()
    await send(outside, 'a')
    const other = await openFakeMailServer()
    try {
      await send(outside, 'b', { port: other.port, username: '' })
      await eventually('the first to be left', () => server.visits.open === 0)
      expect([server.mails.length, other.mails.length]).toEqual([1, 1])
    } finally {
      outside.mail.close()
      await other.close()
    }
  })

  test('a wrong password is noticed although the right one is logged in', async () => {
    const outside = open()
    await send(outside, 'a')
    await expect(send(outside, 'b', { username: 'somebody' })).rejects.toMatchObject({ fault: 'auth' })
  })

  test('nothing stays open when the house closes', async () => {
    const outside = open()
    await Promise.all([send(outside, 'a'), send(outside, 'b')])
    outside.mail.close()
    await eventually('all to be closed', () => server.visits.open === 0)
  })
})
