// The doctor as people meet it: on its page and in a terminal.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DoctorReport } from '../../server/contract/doctor.ts'
import type { BoardDetail } from '../../server/contract/overview.ts'
import { projectRoot } from '../../server/project-root.ts'
import { launchChromium, openSignedIn, seriousViolations } from '../support/browser.ts'
import { startBuiltServer } from '../support/built-server.ts'
import { requireChromium } from '../support/requirements.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const chromiumPath = requireChromium()

/** No slot has this address: a PCI bus that no machine of ours numbers so high. */
const absent = '00ff:ff:1f.7'

const lab = `
boards:
  - { id: gone, name: A card that is not there, bus: vfio, address: "${absent}", driver: xdma }
  - id: sim0
    name: Simulated digitizer
    bus: simulated
    driver: xdma
    config: { h2c: [memory, dac], c2h: [memory, adc], memoryMiB: 8 }
`

function labWithAbsentBoard() {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'lab.yaml'), lab)
  const env = { PINLAB_CONFIG: join(folder, 'lab.yaml') }
  return { dataFolder: join(folder, 'data'), env }
}

async function pinlab(parameters: string[], env: NodeJS.ProcessEnv = {}, root = projectRoot) {
  const script = join(root, 'scripts', 'pinlab.mjs')
  const child = spawn(process.execPath, [script, ...parameters], {
    cwd: temporaryFolder(),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [said, complained] = ['', '']
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  child.stderr.on('data', (chunk) => {
    complained += chunk
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, said, complained }
}

describe('pinlab on the command line', () => {
  it('examines a host without a server, and says by its exit code that there is something to mend', async () => {
    const { dataFolder, env } = labWithAbsentBoard()
    const all = { ...env, PINLAB_DATA: dataFolder, PINLAB_PORT: '0' }
    const plain = await pinlab(['doctor'], all)
    expect(plain.code).toBe(1)
    expect(plain.said).toContain('lspci -Dnn')
    expect(plain.said).toContain('sim0: simulated')
    const { said } = await pinlab(['doctor', '--json'], all)
    const report = JSON.parse(said) as DoctorReport
    expect(report.process).toBe('command')
    expect(report.findings).toContainEqual(
      expect.objectContaining({ board: 'gone', check: 'device', status: 'mend' }),
    )
  })

  it('asks the server that is running, and leaves its boards alone', async () => {
    const { dataFolder, env } = labWithAbsentBoard()
    const server = await startBuiltServer({ dataFolder, env })
    const all = {
      ...env,
      PINLAB_DATA: dataFolder,
      PINLAB_PORT: new URL(server.url).port,
      PINLAB_TOKEN: server.person.token,
    }
    const report = JSON.parse((await pinlab(['doctor', '--json'], all)).said) as DoctorReport
    expect(report.process).toBe('server')
    expect(report.findings).toContainEqual(
      expect.objectContaining({ board: 'gone', check: 'use', status: 'mend' }),
    )
    expect((await server.api<BoardDetail>('/boards/sim0')).status.state).toBe('ready')
  })

  it('says what there is, and what it cannot do', async () => {
    const help = await pinlab([])
    expect([help.code, help.complained]).toEqual([0, ''])
    expect(help.said).toMatch(/serve[\s\S]*doctor/)
    const unknown = await pinlab(['fly'])
    expect([unknown.code, unknown.said]).toEqual([2, ''])
    expect(unknown.complained).toMatch(/"fly"[\s\S]*doctor/)
    expect((await pinlab(['doctor', '--loud'])).code).toBe(2)
    const wrong = await pinlab(['doctor'], { PINLAB_CONFIG: '/nowhere.yaml' })
    expect(wrong.code).toBe(2)
    expect(wrong.complained).toContain('PINLAB_START_CONFIG')
  })

  it('in a folder where nothing is built yet says what to run', async () => {
    const clone = temporaryFolder()
    cpSync(join(projectRoot, 'scripts'), join(clone, 'scripts'), { recursive: true })
    const { code, complained } = await pinlab(['doctor'], {}, clone)
    expect(code).toBe(2)
    expect(complained).toContain('npm start')
  })
})

describe.skipIf(chromiumPath === null)('the doctor in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath as string)
  })
  afterAll(() => browser.close())

  it('shows what is to be mended, copies the command, and is one step from the bench', async () => {
    const server = await startBuiltServer(labWithAbsentBoard())
    const { page, context, mistakes } = await openSignedIn(browser, server)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(server.url)
    await page.getByRole('link', { name: /Doctor/ }).click()
    await page.waitForURL('**/doctor')
    await page
      .getByText(/things? to mend/)
      .first()
      .waitFor()
    const gone = page.getByRole('region', { name: 'gone' })
    const device = gone.getByRole('listitem', { name: 'Device' })
    await device.getByText('to mend').waitFor()
    expect(await seriousViolations(page)).toEqual([])

    const copy = device.getByRole('button', { name: 'Copy: lspci -Dnn' })
    await copy.focus()
    await page.keyboard.press('Enter')
    await device.getByText('Copied').waitFor()
    // Written out: these tests are compiled without the browser's types.
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('lspci -Dnn')

    const before = await page.getByText(/^checked /).textContent()
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Check again' }).click()
        return page.getByText(/^checked /).textContent()
      })
      .not.toBe(before)

    await gone.getByRole('link', { name: 'Open bench' }).click()
    await page.waitForURL('**/boards/gone')
    await page.getByText('offline').first().waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await page.getByRole('link', { name: 'The doctor says what the host lacks' }).click()
    await page.waitForURL('**/doctor')
    expect(mistakes).toEqual([])
  })
})
