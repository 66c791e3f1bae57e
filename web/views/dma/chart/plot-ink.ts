// What every chart is drawn with.

import type uPlot from 'uplot'

export interface PlotInk {
  /** Of a custom property. */
  colour: (name: string) => string
  axis: Pick<uPlot.Axis, 'font' | 'stroke' | 'grid' | 'ticks'>
}

export function inkOf(element: Element): PlotInk {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const line = { stroke: colour('--line-color'), width: 1 }
  const font = `11px ${colour('--font-data')}`
  return { colour, axis: { font, stroke: colour('--ink-3'), grid: line, ticks: line } }
}
