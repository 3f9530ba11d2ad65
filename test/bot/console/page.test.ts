import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { message } from '#engine/message/message.ts'
import { requires } from '#test/harness/requires.ts'
import { alertCard, expectFocusIn, type Reading, say, startReading } from './browser.ts'
import { type ChatHouse, chatHouse, type ServedConsole, serveConsole } from './chat-house.ts'

const chromium = requires('chromium')
let reading: Reading
let house: ChatHouse
let served: ServedConsole

beforeAll(async () => {
  if ('path' in chromium) reading = await startReading(chromium.path)
})
afterAll(() => reading?.close())
beforeEach(async (context) => {
  if ('missing' in chromium) return context.skip(chromium.missing)
  house = chatHouse()
  served = await serveConsole(house)
})
afterEach(() => served?.close())

describe('the local chat in a browser', () => {
  test('before the first alert it says what is watched and what to try, and a click tries it', async () => {
    const { page, complaints } = await reading.open(served.url)
    await page.getByText('Nothing has gone wrong yet').waitFor()
    await page.getByText('Nothing is watched yet.').waitFor()
    await page.getByText('All quiet').waitFor()
    await page.getByRole('button', { name: '/alert help' }).click()
    await page.getByText('Only you see this', { exact: true }).waitFor()
    await page.getByRole('heading', { name: 'What you can ask for' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('an alert arrives by itself, is read aloud, and marks the tab', async () => {
    const { page, complaints } = await reading.open(served.url)
    await page.getByText('All quiet').waitFor()
    house.fire({ title: 'Disks are full' })
    const card = alertCard(page, 'Disks are full')
    await card.waitFor()
    expect(await card.innerText()).toContain('Critical')
    expect(await page.locator('[aria-live=assertive]').textContent()).toBe('#42 Disks are full')
    await page
      .getByRole('img', { name: /between 0.4\d? % and 45 %, last 43 %\. Breached above 5 %; marked at/ })
      .waitFor()
    await page.getByRole('button', { name: '1 firing' }).waitFor()
    expect(await page.title()).toContain('1 firing')
    expect(await page.locator('link[rel=icon]').getAttribute('href')).toContain('firing')
    expect(complaints).toEqual([])
  })

  test('a link about an incident leads to it', async () => {
    house.fire({ title: 'Disks are full' })
    const { page, complaints } = await reading.open(`${served.url}#show=42`)
    await page.locator('article.private', { hasText: 'Disks are full' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('what arrives while one reads further up is counted, not scrolled to', async () => {
    for (let count = 0; count < 6; count++) house.fire()
    const { page } = await reading.open(served.url, { phone: true })
    await alertCard(page, '#47').waitFor()
    await page.locator('.room').evaluate((room) => room.scrollTo({ top: 0 }))
    house.fire({ title: 'One more' })
    await page.getByRole('button', { name: '1 new message' }).click()
    await page.getByRole('button', { name: '1 new message' }).waitFor({ state: 'detached' })
    expect(await page.title()).not.toContain('(1)')
    const box = await alertCard(page, 'One more').boundingBox()
    expect(box?.y).toBeLessThan(844)
  })

  test('earlier messages are a click away and do not push away what is being read', async () => {
    const long = Array.from({ length: 40 }, () => ['a line'])
    for (let count = 0; count < 60; count++) {
      house.post(message({ headline: `message ${count}`, lines: count < 10 ? long : [] }))
    }
    const { page } = await reading.open(served.url)
    await page.getByRole('heading', { name: 'message 59' }).waitFor()
    await page.locator('.room').evaluate((room) => room.scrollTo({ top: 0 }))
    const oldest = page.getByRole('heading', { name: 'message 10' })
    await page.getByRole('button', { name: 'Show earlier' }).click()
    await page.getByRole('heading', { name: 'message 0' }).waitFor()
    expect(await page.getByRole('button', { name: 'Show earlier' }).count()).toBe(0)
    const box = await oldest.boundingBox()
    expect(box?.y).toBeGreaterThan(0)
    expect(box?.y).toBeLessThan(400)
  })

  test('two people, one alert: both see who has it, and the slower one is told, alone', async () => {
    house.fire({ title: 'Disks are full' })
    const [ana, ben] = [await reading.open(served.url), await reading.open(served.url, { phone: true })]
    await ana.page.getByRole('button', { name: 'you' }).click()
    await ana.page.getByLabel('What others see').fill('Ana')
    await ana.page.getByRole('button', { name: 'Save' }).click()
    await ana.page.getByRole('button', { name: 'Ana' }).waitFor()
    await alertCard(ana.page, 'Disks are full').getByRole('button', { name: 'Acknowledge' }).click()
    for (const { page } of [ana, ben]) {
      await page.getByRole('heading', { name: /Disks are full.*Ana/ }).waitFor()
      await page.locator('.thread li', { hasText: 'Ana' }).waitFor()
    }
    await say(ben.page, 'ack 42')
    await ben.page.getByText('#42 is already acknowledged by somebody. Only you see this.').waitFor()
    expect(await ana.page.getByText('already acknowledged').count()).toBe(0)
  })

  test('the silence menu works by keyboard, and Custom… asks in a dialog that gives the focus back', async () => {
    house.fire({ title: 'Disks are full' })
    const { page } = await reading.open(served.url)
    const silence = alertCard(page, 'Disks are full').getByRole('button', { name: 'Silence' })
    await silence.focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('End')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Custom…')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Silence #42' }).waitFor()
    for (let tabs = 0; tabs < 12; tabs++) {
      await page.keyboard.press('Tab')
      expect(
        await page.evaluate(() => document.activeElement?.closest('.stream, .command-line, .head')),
      ).toBeNull()
    }
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expectFocusIn(page, '.menu')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.locator('.thread li', { hasText: /silenced/i }).waitFor()
  })

  test('a private list is brought up to date by the click made in it', async () => {
    house.fire({ title: 'Disks are full' })
    const { page } = await reading.open(served.url)
    await say(page, '/alert list')
    const list = page.locator('article.private', { hasText: '1 open alert' })
    await list.getByRole('button', { name: 'Acknowledge' }).click()
    await list.getByText(/acknowledged by you/i).waitFor()
    await list.getByRole('button', { name: 'Show' }).click()
    await page.locator('.asked', { hasText: 'show 42' }).waitFor()
  })

  test('a form goes on after a reload where it stopped', async () => {
    const { page } = await reading.open(served.url)
    await say(page, 'rule create')
    await page.getByLabel('Name').fill('Slow orders')
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('Step 2 of 3').waitFor()
    await page.reload()
    await page.getByText('Step 2 of 3').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(new URL(page.url()).hash).toBe('')
  })

  test('a lost connection is said, and what was missed is there when it comes back', async () => {
    house.fire({ title: 'Disks are full' })
    const { page } = await reading.open(served.url)
    await alertCard(page, 'Disks are full').waitFor()
    await served.close()
    await page.getByText('Connection lost.').waitFor()
    await say(page, 'list')
    await page.getByText('Tocsin cannot be reached. Try again once it is back.').waitFor()
    house.recover(42)
    house.fire({ title: 'Orders are slow' })
    served = await serveConsole(house, { port: Number(new URL(served.url).port) })
    await page.getByText('Connected again.').waitFor({ timeout: 20_000 })
    await alertCard(page, 'Orders are slow').waitFor()
    await page.locator('.thread li', { hasText: '4 min' }).waitFor()
  })

  test('hostile text stays text, and only http links are links', async () => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    const { page, complaints } = await reading.open(served.url)
    house.post(
      message({
        headline: evil,
        lines: [
          [evil, { code: evil }, { strong: '\u202e\u0000@everyone' }, { time: evil, style: 'relative' }],
        ],
        facts: [{ label: evil, value: ['x'.repeat(10_000)] }],
        notes: [
          [
            { link: 'bad one', href: 'javascript:document.title=1' },
            { link: 'worse one', href: 'data:text/html,<script>1</script>' },
            { link: 'good one', href: 'https://example.com/a?b=<c>' },
          ],
        ],
        actions: [{ kind: 'link', label: 'Runbook', href: 'javascript:document.title=1' }],
      }),
    )
    await page.getByRole('heading', { name: '<img src=x' }).waitFor()
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(
      await page.locator('main a').evaluateAll((all) => all.map((one) => one.getAttribute('href'))),
    ).toEqual(['https://example.com/a?b=%3Cc%3E'])
    expect(await page.title()).toBe('Tocsin')
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    expect(complaints).toEqual([])
  })

  test('with a token it asks for it first, says when it is wrong, and opens when it is right', async () => {
    const guarded = await serveConsole(house, { access: { kind: 'token', token: 'sesame' } })
    house.fire({ title: 'Disks are full' })
    const { page } = await reading.open(guarded.url)
    await page.getByLabel('Access token').fill('open up')
    await page.keyboard.press('Enter')
    await page.getByText('That is not the access token.').waitFor()
    expect(await page.getByText('Disks are full').count()).toBe(0)
    await page.getByLabel('Access token').fill('sesame')
    await page.keyboard.press('Enter')
    await alertCard(page, 'Disks are full').waitFor()
    await guarded.close()
  })
})
