import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../../web/styles/tokens.css', import.meta.url), 'utf8')

function tokensOf(theme: 'dark' | 'light'): Record<string, string> {
  const start =
    css.indexOf(`[data-theme='${theme}'] {`) + 1 || css.indexOf(`[data-theme="${theme}"] {`) + 1
  const block = css.slice(start, css.indexOf('}', start))
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  )
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const surfaces = ['ground', 'panel', 'raised', 'well']
const inks = ['ink', 'ink-2', 'ink-3', 'accent', 'stop', 'changed']
const states = ['ready', 'leased', 'clearing', 'quarantined', 'offline']
const traces = ['trace-1', 'trace-2', 'trace-3', 'trace-4']

describe.each(['dark', 'light'] as const)('the %s theme', (theme) => {
  const tokens = tokensOf(theme)
  const colour = (name: string) => tokens[name] ?? expect.fail(`${theme} has no --${name}`)

  it.each([...inks, ...states, ...traces])(
    'shows --%s readably on every surface (AA, 4.5)',
    (ink) => {
      for (const surface of surfaces) {
        expect(contrast(colour(ink), colour(surface)), surface).toBeGreaterThanOrEqual(4.5)
      }
    },
  )

  it('shows the words on filled buttons readably', () => {
    expect(contrast(colour('accent'), colour('accent-ink'))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(colour('stop'), colour('stop-ink'))).toBeGreaterThanOrEqual(4.5)
  })
})
