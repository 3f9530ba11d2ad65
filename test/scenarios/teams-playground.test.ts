import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AgentsPlayground,
  requiresAgentsPlayground,
  startAgentsPlayground,
} from '#test/harness/agents-playground.ts'
import { eventually } from '#test/harness/eventually.ts'
import { requires } from '#test/harness/requires.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import { type OpenDoor, openTeamsDoor } from '#test/harness/teams-house.ts'
import { teamsNotifier } from '#workers/notifiers/teams.ts'

const account = {
  appId: '',
  appType: 'SingleTenant',
  tenantId: '',
  secret: '',
  anonymousOnLoopback: true,
} as const
const quietly = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const playgroundProgram = requiresAgentsPlayground()
const browserProgram = requires('chromium')
const missing = [playgroundProgram, browserProgram].flatMap((found) =>
  'missing' in found ? [found.missing] : [],
)

let house: House
let door: OpenDoor
let playground: AgentsPlayground
let browser: Browser
let page: Page

beforeAll(async () => {
  if ('missing' in playgroundProgram || 'missing' in browserProgram) return
  house = await startHouse({ notifiers: { teams: teamsNotifier(account) } })
  door = await openTeamsDoor({ ...account, allowedTenants: [], personalAlerts: true }, house.front)
  playground = await startAgentsPlayground(playgroundProgram.path, door.messagesUrl)
  browser = await chromium.launch({ executablePath: browserProgram.path, args: quietly })
  page = await browser.newPage({ viewport: { width: 1400, height: 1600 } })
  page.setDefaultTimeout(30_000)
  // Its fonts come from elsewhere; the test must not.
  await page.route(
    ({ hostname }) => hostname !== '127.0.0.1' && hostname !== 'localhost',
    (route) => route.abort(),
  )
  await page.goto(playground.url)
})

afterAll(async () => {
  await browser?.close()
  await playground?.close()
  await door?.close()
  await house?.close()
})

async function type(text: string): Promise<void> {
  const compose = page.locator('[contenteditable=true][role=textbox]')
  await compose.click()
  await compose.pressSequentially(text)
  await page.keyboard.press('Enter')
}

async function openRuleForm(): Promise<void> {
  await page.getByRole('button', { name: 'Trigger Message Extension App' }).click()
  await page.getByText('Action Command').click()
  await page.getByPlaceholder('Input command id').fill('rule-create')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
}

function read(words: string | RegExp): Promise<void> {
  return page.getByText(words).last().waitFor()
}

function press(name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).last().click()
}

test(
  'Microsoft’s own client installs, lists, makes a rule by dialog and settles an alert',
  { timeout: 120_000 },
  async (context) => {
    if (missing.length > 0) return context.skip(missing.join('; '))

    await read('alerts are posted to this conversation from now on')
    await type('list')
    await read('All quiet: nothing is open.')

    await openRuleForm()
    await read('Step 1 of 3')
    await press('Next')
    await read('Name is needed')
    await page.getByLabel('Name').fill('Card payments *fail* {{DATE(2026-11-21T00:00:00Z)}}')
    await page.getByLabel('Service').fill('payment-service')
    await press('Next')
    await read('Step 2 of 3')
    await page.getByLabel('Threshold').fill('many')
    await press('Preview')
    await read('The threshold must be a number')
    expect(await page.getByLabel('Threshold').inputValue()).toBe('many')
    await page.getByLabel('Threshold').fill('20 %')
    await press('Preview')
    await read('Step 3 of 3')
    await press('Save')
    await read(/Saved: Card payments/)
    await page.getByRole('dialog').getByRole('button').first().click()

    await house.executions(10, { status: 'FAILED' })
    house.clock.forward('15s')
    await house.tick()
    await read('#1 Card payments *fail*')
    await press('Acknowledge')
    await read('— acknowledged by Alex Wilber')
    await read('Acknowledged by Alex Wilber.')
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor({ state: 'detached' })

    await type('ack 1')
    await read('Already acknowledged by Alex Wilber')
    await press('Silence')
    await press('1 hour')
    await read('Silenced until')

    await eventually('the recording of what went over the wire', async () => {
      const recording = await playground.recording()
      return recording.includes('"adaptiveCard/action"') && /"method": "PUT"/.test(recording)
    })
  },
)
