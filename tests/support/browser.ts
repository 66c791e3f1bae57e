// Pages of headless browsers for the browser suite.

import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { BuiltServer } from './built-server.ts'
import { signIn } from './launched-browser.ts'

export { launchChromium, launchFirefox } from './launched-browser.ts'

/** A page of its own context. Errors on it, and in its console, fail the test that asks for `mistakes`. */
export async function openPage(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; context: BrowserContext; mistakes: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const mistakes: string[] = []
  page.on('pageerror', (error) => mistakes.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') mistakes.push(message.text())
  })
  return { page, context, mistakes }
}

/** As the first administrator of this server. */
export async function openSignedIn(
  browser: Browser,
  server: BuiltServer,
  options: Parameters<Browser['newContext']>[0] = {},
): ReturnType<typeof openPage> {
  const opened = await openPage(browser, options)
  await signIn(opened.context, server)
  return opened
}

/** What axe finds on the page that keeps people out. */
export async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: page as never }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}
