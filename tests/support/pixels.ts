// What a part of a page really shows: its pixels, whoever drew them.

import type { Locator } from 'playwright-core'

export interface Pixels {
  width: number
  height: number
  /** Red, green and blue. */
  at(x: number, y: number): [number, number, number]
  /** How many different colours there are. */
  colours: number
}

/** These tests are compiled without the browser's types. */
interface PageTools {
  createImageBitmap(blob: Blob): Promise<{ width: number; height: number }>
  OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {
    getContext(kind: '2d'): {
      drawImage(image: unknown, x: number, y: number): void
      getImageData(...area: number[]): { data: Uint8ClampedArray }
    }
  }
}

const whole = { x: 0, y: 0, width: 1, height: 1 }

/** `area`: in shares of the part's width and height. The part is in sight. */
export async function pixelsOf(part: Locator, area = whole): Promise<Pixels> {
  const box = await part.boundingBox()
  if (!box) throw new Error('it is not shown')
  const clip = {
    x: box.x + area.x * box.width,
    y: box.y + area.y * box.height,
    width: area.width * box.width,
    height: area.height * box.height,
  }
  const picture = (await part.page().screenshot({ clip })).toString('base64')
  const { width, height, data } = await part.page().evaluate(decode, picture)
  const words = new Uint32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer)
  return {
    width,
    height,
    at(x, y) {
      const word = words[y * width + x] ?? 0
      return [word & 255, (word >> 8) & 255, (word >> 16) & 255]
    },
    colours: new Set(words).size,
  }
}

/** In the page, which can read PNG. */
async function decode(picture: string) {
  const { createImageBitmap, OffscreenCanvas } = globalThis as unknown as PageTools
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0))
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  const { width, height } = image
  const context = new OffscreenCanvas(width, height).getContext('2d')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, width, height)
  let text = ''
  for (let i = 0; i < data.length; i += 8192) {
    text += String.fromCharCode(...data.subarray(i, i + 8192))
  }
  return { width, height, data: btoa(text) }
}
