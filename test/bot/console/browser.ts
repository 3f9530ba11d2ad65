import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

const quietly = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

interface Reader {
  readonly page: Page
  /** What the browser complained about: violations of the page's policy, errors, failed requests. */
  readonly complaints: string[]
}

export interface Reading {
  /** Another person in front of another browser. */
  open(url: string, options?: { phone?: boolean; dark?: boolean }): Promise<Reader>
  close(): Promise<void>
}

export async function startReading(executablePath: string): Promise<Reading> {
  const browser: Browser = await chromium.launch({ executablePath, args: quietly })
  return {
    open: async (url, { phone = false, dark = false } = {}) => {
      const context = await browser.newContext({
        viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 860 },
        colorScheme: dark ? 'dark' : 'light',
        isMobile: phone,
        hasTouch: phone,
        timezoneId: 'Europe/Berlin',
        locale: 'en-GB',
      })
      const page = await context.newPage()
      page.setDefaultTimeout(10_000)
      const complaints: string[] = []
      page.on('console', (said) => said.type() !== 'log' && complaints.push(said.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(url)
      return { page, complaints }
    },
    close: () => browser.close(),
  }
}

export async function say(page: Page, line: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Command' }).fill(line)
  await page.keyboard.press('Enter')
}

/** The message about an alert, as everybody sees it. */
export function alertCard(page: Page, title: string) {
  return page.locator('article:not(.private)', { has: page.getByRole('heading', { name: title }) })
}

export async function expectFocusIn(page: Page, selector: string): Promise<void> {
  expect(
    await page.evaluate((selector) => document.activeElement?.closest(selector) !== null, selector),
  ).toBe(true)
}
