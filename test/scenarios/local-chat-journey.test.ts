import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Bot, startBot } from '#bot/app.ts'
import { builtConsole } from '#bot/console/build.ts'
import { alertCard, expectFocusIn, type Reading, say, startReading } from '#test/bot/console/browser.ts'
import { requires } from '#test/harness/requires.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

const chromium = requires('chromium')
let house: House
let bot: Bot
let reading: Reading

beforeEach(async (context) => {
  if ('missing' in chromium) return context.skip(chromium.missing)
  const page = await builtConsole({ folder: join(tmpdir(), 'tocsin-test-console'), report: () => undefined })
  house = await startHouse()
  const { desk, memory } = house
  const access = { kind: 'loopback' } as const
  bot = await startBot({ desk, memory, log: desk.log, host: '127.0.0.1', port: 0, access, page, chats: {} })
  reading = await startReading(chromium.path)
})
afterEach(async () => {
  await reading?.close()
  await bot?.close()
  await house?.close()
})

async function goThrough(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}

/** What somebody who only has a keyboard does: the same key until the thing is reached. */
async function walkTo(page: Page, wanted: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press(key)
    if (await wanted.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`not reached within 30 × ${key}: ${wanted.toString()}`)
}

test('with nothing but a keyboard: a rule, its mistake, its preview, its alert, and the end of it', async () => {
  await house.executions(95)
  await house.executions(5, { status: 'FAILED' })
  const { page, complaints } = await reading.open(bot.url)
  await page.getByText('Nothing is watched yet.').waitFor()

  await page.keyboard.type('/alert rule c')
  await page.getByRole('option', { name: 'rule create' }).waitFor()
  await goThrough(page, 'Tab', 'Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Step 1 of 3').waitFor()
  await page.keyboard.press('Enter')
  await dialog.getByText('The rule needs a name.').waitFor()
  await expectFocusIn(page, '[name=name]')
  await page.keyboard.type('Payments are failing')
  await walkTo(page, dialog.getByLabel('Service'))
  await page.keyboard.type('payment-service')
  await page.keyboard.press('Enter')

  await dialog.getByText('Step 2 of 3').waitFor()
  await walkTo(page, dialog.getByLabel('Threshold'))
  await page.keyboard.type('lots')
  await page.keyboard.press('Enter')
  await dialog.locator('.field-error').waitFor()
  await expectFocusIn(page, '[name=threshold]')
  await page.keyboard.type('10%')
  await page.keyboard.press('Enter')
  await dialog.getByText('Step 3 of 3').waitFor()
  await dialog.getByRole('img', { name: /^The metric from/ }).waitFor()
  await expectFocusIn(page, '[type=submit]')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Saved: Payments are failing' }).waitFor()

  await house.executions(30, { status: 'FAILED' })
  house.clock.forward('15s')
  await house.tick()
  const card = alertCard(page, 'Payments are failing')
  await card.getByText('Warning', { exact: true }).waitFor()
  await card.getByRole('img', { name: /Breached above 10 %/ }).waitFor()
  await walkTo(page, card.getByRole('button', { name: 'Acknowledge' }), 'Shift+Tab')
  await page.keyboard.press('Enter')
  await card.getByText('Acknowledged', { exact: true }).waitFor()
  await card.locator('.thread li').waitFor()
  expect(await card.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
  await expectFocusIn(page, 'article:not(.private)')

  await page.keyboard.type('resolve ')
  await page.getByRole('option', { name: '#1' }).waitFor()
  await goThrough(page, 'Tab', 'Enter')
  await card.getByText('Resolved', { exact: true }).waitFor()
  await page.getByText('All quiet').waitFor()
  expect(await card.getByRole('button').count()).toBe(0)
  expect(complaints).toEqual([])
})

test('on a phone in the night: the alert comes, a thumb silences it, and it says by itself when it is over', async () => {
  await house.rule()
  const { page, complaints } = await reading.open(bot.url, { phone: true, dark: true })
  await page.getByText('All quiet').waitFor()
  await house.executions(10, { status: 'FAILED' })
  await house.tick()
  const card = alertCard(page, 'Card payments are failing')
  await card.getByRole('button', { name: 'Silence' }).tap()
  await page.getByRole('menuitem', { name: '1 hour' }).tap()
  await card.getByText('Silenced until').waitFor()

  house.clock.forward('2m')
  await house.executions(50)
  await house.tick()
  await card.getByRole('heading', { name: /cleared after/ }).waitFor()
  await page.getByText('All quiet').waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  expect(complaints).toEqual([])
})

test('two windows are one chat: a click in one edits the other, and the slower click is told why not', async () => {
  await house.rule()
  await house.executions(10, { status: 'FAILED' })
  await house.tick()
  const [ana, ben] = [await reading.open(bot.url), await reading.open(bot.url)]
  const card = (page: Page) => alertCard(page, 'Card payments are failing')
  await card(ana.page).getByRole('button', { name: 'Acknowledge' }).click()
  await card(ben.page).getByText('Acknowledged', { exact: true }).waitFor()
  await say(ben.page, 'ack 1')
  await ben.page.getByText(/^Already acknowledged by you .* Only you see this\.$/).waitFor()
  expect(await ana.page.getByText('Already acknowledged').count()).toBe(0)
})
