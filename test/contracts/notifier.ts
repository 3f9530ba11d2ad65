import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OpenConnection } from '#engine/connection/connection.ts'
import type { Line, Message } from '#engine/message/message.ts'
import type { Subject, Tellable } from '#engine/message/subject.ts'
import { aTelling } from '#test/harness/connection-things.ts'
import { after } from '#test/harness/engine-things.ts'
import type { VendorTrouble } from '#test/harness/fake-vendor.ts'
import { hostileTexts } from '#test/harness/slack-hostile-text.ts'
import { type Egress, openEgress } from '#workers/egress/egress.ts'
import { openOutside, type Outside } from '#workers/egress/outside.ts'
import { type Address, DeliveryError, type Notifier, type Receipt } from '#workers/notifiers/notifier.ts'

type Known = Pick<OpenConnection, 'secrets' | 'settings'>

/** A vendor that runs, and how to look at what it has been told. */
export interface NotifierRig<Connection extends Known = OpenConnection> {
  readonly connection: Connection
  readonly open: (connection: Connection, outside: Outside) => Notifier
  /** Where the next message goes; nowhere in particular unless said. */
  readonly address?: () => Address
  /** What somebody sees there, oldest first. */
  shown(): readonly Shown[]
  /** What it would not take. */
  readonly complaints: readonly string[]
  /** Undefined where nothing is asked over HTTP. */
  readonly next?: VendorTrouble[]
  close(): Promise<void>
}

interface Shown {
  readonly text: string
  /** Where the vendor keeps a state of its own. */
  readonly state?: 'open' | 'acknowledged' | 'resolved'
}

export interface NotifierTraits {
  /** The same told twice is one thing there. */
  readonly dropsDoubles: boolean
  /** One thing that changes; otherwise every turn is one more. */
  readonly isLiving: boolean
  /** True unless said otherwise; what else they speak has its own troubles. */
  readonly speaksHttp?: boolean
  /** Its dialect is held to its limits under hostile text in `test/engine/message`; true unless said otherwise. */
  readonly isHeldHere?: boolean
}

const taken = aTelling({ status: 'acknowledged', reason: 'acknowledged', acknowledgedBy: 'Ana' })
const over = aTelling({
  status: 'resolved',
  reason: 'recovered',
  acknowledgedBy: 'Ana',
  resolvedAt: after(600).toISOString(),
})
const worse = aTelling({ reason: 'severity-rise', title: 'Card payments are failing badly' })

/** What every notifier owes, whatever it speaks. */
export function notifierContract<Connection extends Known>(
  name: string,
  traits: NotifierTraits,
  start: () => Promise<NotifierRig<Connection>>,
): void {
  let rig: NotifierRig<Connection>
  let egress: Egress
  let notifier: Notifier

  beforeEach(async () => {
    rig = await start()
    egress = openEgress(['127.0.0.1'], 4)
    notifier = rig.open(
      rig.connection,
      openOutside(egress, () => after(60)),
    )
  })
  afterEach(async () => {
    await notifier.close?.()
    await egress.close()
    await rig.close()
  })

  const post = (message: Tellable, deliveryId: string) =>
    notifier.post(rig.address?.() ?? {}, message, deliveryId)

  const tell = async (
    receipt: Receipt,
    line: Line,
    message: Tellable,
    deliveryId: string,
  ): Promise<Receipt> => {
    const fresh = await notifier.update(receipt, message)
    if (!fresh) await notifier.reply(receipt, line, deliveryId, message)
    return fresh ?? receipt
  }
  const states = () => rig.shown().flatMap(({ state }) => state ?? [])
  const expectState = (state: string) =>
    traits.isLiving ? expect(states()).toEqual([state]) : expect(states().at(-1)).toBe(state)

  describe(`${name} as every notifier`, () => {
    test('opens once, and says what it is about', async () => {
      await post(aTelling(), 'd1')
      expect(rig.shown()).toHaveLength(1)
      expect(rig.shown()[0]?.text).toContain('Card payments are failing')
      expect(rig.complaints).toEqual([])
    })

    test('follows it from the first word to the last', async () => {
      let receipt = await post(aTelling(), 'd1')
      receipt = await tell(receipt, ['It got worse.'], worse, 'd2')
      receipt = await tell(receipt, ['Acknowledged by ', { strong: 'Ana' }, '.'], taken, 'd3')
      if (states().length > 0) expectState('acknowledged')
      else expect(rig.shown().at(-1)?.text).toContain('Acknowledged by')
      await tell(receipt, ['It cleared by itself after 10 min.'], over, 'd4')
      if (states().length > 0) expectState('resolved')
      else expect(rig.shown().at(-1)?.text).toContain('cleared by itself')
      if (!traits.isLiving) expect(rig.shown()).toHaveLength(4)
      expect(rig.complaints).toEqual([])
    })

    const testDoubles = traits.dropsDoubles ? test : () => undefined
    testDoubles('is one thing when the same delivery is tried again', async () => {
      const first = await post(aTelling(), 'd1')
      expect(await post(aTelling(), 'd1')).toEqual(first)
      expect(new Set(rig.shown().map(({ text }) => text)).size).toBe(1)
      if (traits.isLiving) expect(rig.shown()).toHaveLength(1)
    })

    const testTexts = traits.isHeldHere === false ? () => undefined : test
    testTexts(
      'takes whatever text there is, as text and within the limits',
      async () => {
        const texts = [...hostileTexts, 'x'.repeat(30_000), '💥"\\\n'.repeat(6000)]
        for (const [at, text] of texts.entries()) {
          const message = hostile(text, `tocsin-${at}`)
          const receipt = await post(message, `d${at}`)
          await tell(receipt, [text, { strong: text }, { link: text, href: text }], message, `e${at}`)
        }
        expect(rig.complaints).toEqual([])
      },
      90_000,
    )
  })

  if (traits.speaksHttp !== false)
    describe(`${name} in trouble`, () => {
      const troubled = async (trouble: VendorTrouble): Promise<DeliveryError> => {
        if (!rig.next) return expect.fail('there is no HTTP to be in trouble')
        rig.next.push(trouble)
        const error: unknown = await post(aTelling(), 'd1').catch((thrown: unknown) => thrown)
        if (!(error instanceof DeliveryError)) return expect.fail(`not a DeliveryError: ${inspect(error)}`)
        expectNoSecret(error, rig.connection)
        return error
      }

      test('waits as long as it is asked to', async () => {
        const error = await troubled({ status: 429, headers: { 'retry-after': '7' } })
        expect(error).toMatchObject({ retry: 'later', afterMs: 7000, status: 429, fault: 'rate-limited' })
      })

      test.each([
        [401, 'never', 'auth'],
        [403, 'never', 'auth'],
        [404, 'never', 'gone'],
        [410, 'never', 'gone'],
        [408, 'later', 'timeout'],
        [500, 'later', 'server'],
        [503, 'later', 'server'],
      ] as const)('understands %i', async (status, retry, fault) => {
        expect(await troubled({ status, body: `secret page ${status}` })).toMatchObject({
          retry,
          fault,
          status,
        })
      })

      test.each([400, 413, 422])('says less, once, where %i says that it is too much', async (status) => {
        rig.next?.push({ status })
        const { subject } = aTelling({ summary: 'x'.repeat(2000), labels: { long: 'y'.repeat(2000) } })
        await post({ ...aTelling(), ...(subject && { subject }) }, 'd1')
        expect(rig.shown()).toHaveLength(1)
        expect(rig.shown()[0]?.text).toContain('Card payments are failing')
        expect(rig.shown()[0]?.text).not.toContain('y'.repeat(100))
        expect(rig.complaints).toEqual([])
      })

      test('never tries again what is not taken', async () => {
        rig.next?.push({ status: 422 })
        expect(await troubled({ status: 422 })).toMatchObject({ retry: 'never', fault: 'client' })
      })

      test('does not follow where it is sent', async () => {
        const headers = { location: 'http://169.254.169.254/latest?token=1' }
        const error = await troubled({ status: 302, headers })
        expect(error).toMatchObject({ retry: 'never', fault: 'config' })
        expect(error.message).not.toContain('token')
      })

      test('tries again when the line goes dead', async () => {
        expect(await troubled('hang up')).toMatchObject({ retry: 'later', fault: 'network' })
        await post(aTelling(), 'd1')
        expect(rig.shown()).toHaveLength(1)
      })

      const testDoubles = traits.dropsDoubles ? test : () => undefined
      testDoubles('is one thing when the line goes dead after it was taken', async () => {
        expect(await troubled('take it and hang up')).toMatchObject({ retry: 'later', fault: 'network' })
        await post(aTelling(), 'd1')
        expect(rig.shown()).toHaveLength(1)
      })
    })
}

/** Everywhere a text can come from telemetry or from people. */
function hostile(text: string, key: string): Tellable {
  const subject: Subject = {
    ...(aTelling().subject ?? expect.fail('no subject')),
    key,
    title: text,
    summary: text,
    entity: text,
    environment: text,
    labels: { [text]: text, __proto__x: text, plain: text },
    acknowledgedBy: text,
    alerts: Array.from({ length: 20 }, (_, at) => ({
      id: String(at),
      state: 'firing',
      severity: 'WARNING',
      title: text,
      summary: text,
      entity: text,
      labels: { [text]: text },
      startedAt: after(0).toISOString(),
      resolvedAt: null,
      value: null,
      threshold: null,
    })),
    alertCount: 20,
  }
  const line: Line = [text, { strong: text }, { code: text }, { link: text, href: text }]
  const parts: Message = {
    tone: 'critical',
    headline: text,
    lines: [line, line],
    facts: Array.from({ length: 40 }, () => ({ label: text, value: line })),
    items: Array.from({ length: 60 }, () => ({
      tone: 'warning' as const,
      line,
      detail: line,
      action: { kind: 'button' as const, label: text, command: 'ack 1' },
    })),
    notes: [line, line],
    actions: [
      { kind: 'button', label: text, command: 'ack 1' },
      { kind: 'menu', label: text, options: [{ label: text, command: 'resolve 1' }] },
      { kind: 'link', label: text, href: text },
    ],
  }
  return { ...parts, subject }
}

/** Neither itself nor as Basic credentials, in nothing that could be logged. */
export function expectNoSecret(error: Error, { secrets, settings }: Known): void {
  const everything = `${inspect(error, { depth: 10 })} ${error.message} ${JSON.stringify(error)}`
  const { username = '' } = settings as { username?: string }
  for (const secret of Object.values(secrets)) {
    expect(everything).not.toContain(secret)
    expect(everything).not.toContain(secret.replace(/^https?:\/\/[^/]+\//, ''))
    expect(everything).not.toContain(Buffer.from(`${username}:${secret}`).toString('base64'))
  }
}
