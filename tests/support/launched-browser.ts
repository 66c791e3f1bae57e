// Headless browsers, for the browser suite and for what measures pages outside of it.

import { type Browser, type BrowserContext, chromium, firefox } from 'playwright-core'
import type { FirstPerson } from './first-person.ts'

const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launchChromium(executablePath: string, more: string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...chromiumArgs, ...more] })
}

/** Firefox as Debian builds it, by WebDriver BiDi: playwright's own is a patched one, which nobody uses. */
export function launchFirefox(executablePath: string): Promise<Browser> {
  return firefox.launch({ executablePath, channel: 'moz-firefox' })
}

/** As the first administrator of this server. */
export async function signIn(
  context: BrowserContext,
  { url, person }: { url: string; person: Pick<FirstPerson, 'cookie'> },
): Promise<void> {
  const [name = '', value = ''] = person.cookie.split('=')
  await context.addCookies([{ name, value, url }])
}
