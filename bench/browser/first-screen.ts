// What a browser must fetch of our JavaScript before somebody sees the first screen.

import type { Browser } from 'playwright-core'
import { signIn } from '../../tests/support/launched-browser.ts'
import type { StreamingLab } from '../../tests/support/streaming-bench.ts'

/** Bytes that came over the network for scripts, headers included: of the lab, or of the page where one signs in. */
export async function scriptBytes(
  browser: Browser,
  lab: StreamingLab,
  { isSignedIn }: { isSignedIn: boolean },
): Promise<number> {
  const context = await browser.newContext()
  try {
    if (isSignedIn) await signIn(context, lab)
    const page = await context.newPage()
    const network = await context.newCDPSession(page)
    await network.send('Network.enable')
    const scripts = new Set<string>()
    let bytes = 0
    network.on('Network.responseReceived', ({ requestId, response }) => {
      if (response.mimeType.includes('javascript')) scripts.add(requestId)
    })
    network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) bytes += encodedDataLength
    })
    await page.goto(lab.url)
    const seen = isSignedIn ? 'Use now' : 'Sign in'
    await page.getByRole('button', { name: seen }).first().waitFor()
    return bytes
  } finally {
    await context.close()
  }
}
