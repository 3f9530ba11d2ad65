import { chromium, type Browser, type Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { localSlackProgram } from '#test/harness/local-slack.ts'
import { requires } from '#test/harness/requires.ts'
import { startSlackHouse } from '#test/harness/slack-house.ts'

const browserProgram = requires('chromium')
const quietly = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

describe('somebody in front of a Slack page', () => {
  let world: Awaited<ReturnType<typeof startSlackHouse>>
  let browser: Browser
  let page: Page

  beforeEach(async (context) => {
    if ('missing' in browserProgram) return context.skip(browserProgram.missing)
    if ('missing' in localSlackProgram) return context.skip(localSlackProgram.missing)
    world = await startSlackHouse('http')
    browser = await chromium.launch({ executablePath: browserProgram.path, args: quietly })
    page = await browser.newPage()
    page.setDefaultTimeout(10_000)
    await page.goto(world.slack.origin)
  })
  afterEach(async () => {
    await browser?.close()
    await world?.close()
  })

  const type = async (line: string) => {
    await page.getByPlaceholder(/^Message #alerts as alice/u).fill(line)
    await page.keyboard.press('Enter')
  }
  const fill = (label: string, value: string) => question(label).locator('input').fill(value)
  const choose = (label: string, choice: string) =>
    question(label).locator('select').selectOption({ label: choice })
  const question = (label: string) =>
    page
      .locator('.bk-input')
      .filter({ has: page.locator('label', { hasText: new RegExp(`^${label}$`, 'u') }) })
  const send = (label: string) =>
    page.locator('.modal').getByRole('button', { name: label, exact: true }).click()
  const shows = (words: string) => page.getByText(words).first().waitFor()

  test('makes a rule, gets the alert, acknowledges it with a click and sees who has it', async () => {
    await type('/alert rule create')
    await shows('Step 1 of 3')
    await choose('What to look at', 'Route metric')
    await choose('Severity', 'CRITICAL')
    await send('Next')
    await page.locator('.modal-error', { hasText: /^name:/u }).waitFor()

    await fill('Name', 'Payments by hand')
    await fill('Service', 'payment-service')
    await send('Next')
    await shows('Step 2 of 3')
    await choose('Metric', 'Error rate')
    await choose('Fires when it is', 'above')
    await fill('Threshold', '5%')
    await fill('Over the last', '1m')
    await send('Preview')
    await shows('Step 3 of 3')
    await send('Save')
    await shows('Saved: Payments by hand')

    await world.house.executions(30, { status: 'FAILED' })
    world.house.clock.forward('15s')
    await world.house.tick()
    const alert = page.locator('.msg', { hasText: '#1 Payments by hand' })
    await alert.getByRole('button', { name: 'Acknowledge' }).click()
    await shows('#1 Payments by hand — acknowledged by alice')
    await alert.getByText('1 reply').click()
    await page.locator('.thread-body .msg').nth(1).getByText('Acknowledged by alice.').waitFor()
    expect(await alert.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
  })
})
