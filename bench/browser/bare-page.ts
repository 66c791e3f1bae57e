// The floor of the browser's benchmark: a bare page that draws as many line segments on a canvas of the same size, once for each
// picture the browser makes, and does nothing else.

import type { Page } from 'playwright-core'

interface Drawing {
  channels: number
  columns: number
  width: number
  height: number
}

/** What this needs of the browser; it is compiled without the browser's types. */
interface Canvas {
  width: number
  height: number
  getContext(kind: '2d'): {
    strokeStyle: string
    clearRect(x: number, y: number, width: number, height: number): void
    beginPath(): void
    lineTo(x: number, y: number): void
    stroke(): void
  }
}
interface PageGlobals {
  document: {
    createElement(name: 'canvas'): Canvas
    body: { append(canvas: Canvas): void }
  }
  requestAnimationFrame(draw: () => void): void
}

/** Milliseconds between its pictures. */
export async function drawBarePage(page: Page, drawing: Drawing, forMs: number): Promise<number[]> {
  await page.goto('about:blank')
  return page.evaluate(draw, { ...drawing, forMs })
}

/** Runs in the page. */
function draw({ channels, columns, width, height, forMs }: Drawing & { forMs: number }) {
  const { document, requestAnimationFrame } = globalThis as unknown as PageGlobals
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  document.body.append(canvas)
  const context = canvas.getContext('2d')
  const drawnAt: number[] = []

  function drawChannel(channel: number): void {
    context.strokeStyle = channel === 0 ? 'orange' : 'teal'
    context.beginPath()
    for (let point = 0; point < columns * 4; point++) {
      const swing = Math.sin(point / 300 + drawnAt.length / 10 + channel)
      context.lineTo((point * width) / columns / 4, height * (0.5 + 0.4 * swing))
    }
    context.stroke()
  }

  return new Promise<number[]>((resolve) => {
    const startedAt = performance.now()
    function picture(): void {
      drawnAt.push(performance.now())
      context.clearRect(0, 0, width, height)
      for (let channel = 0; channel < channels; channel++) drawChannel(channel)
      if (performance.now() - startedAt < forMs) requestAnimationFrame(picture)
      else resolve(drawnAt.slice(1).map((at, index) => at - (drawnAt[index] as number)))
    }
    requestAnimationFrame(picture)
  })
}
