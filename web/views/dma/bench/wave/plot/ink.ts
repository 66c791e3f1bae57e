// The theme's colours for what is drawn.

import type { Ink } from './scene.ts'

export function readInk(element: Element): Ink {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  return {
    grid: colour('--line-color'),
    zero: colour('--line-strong'),
    text: colour('--ink-3'),
    ground: colour('--well'),
    gap: colour('--clearing'),
    traces: [1, 2, 3, 4].map((n) => colour(`--trace-${n}`)),
    font: `11px ${colour('--font-data')}`,
  }
}
