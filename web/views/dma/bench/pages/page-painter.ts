// Draws the cells of the page map: heat, where pages begin, what Bytes shows, where accesses were refused.

import { oldestPage } from '../../../../../server/contract/frame.ts'
import type { Grid } from './page-grid.ts'

export interface PageInk {
  cell: string
  heat: string
  edge: string
  shown: string
  cursor: string
  fault: string
}

export interface PagePicture {
  grid: Grid
  /** Of each cell; fewer than cells where nothing was looked at yet. */
  ages: Uint8Array
  looksPerSecond: number
  /** Cells in which a page begins. */
  edges: Iterable<number>
  shown: { first: number; last: number } | null
  cursor: number | null
  faults: Iterable<number>
}

export function readPageInk(element: Element): PageInk {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  return {
    cell: colour('--line-color'),
    heat: colour('--changed'),
    edge: colour('--ink-2'),
    shown: colour('--accent'),
    cursor: colour('--ink'),
    fault: colour('--stop'),
  }
}

/** 1 when it changes, half after two seconds, nothing after a minute: quick at first, so that a ring's sweep is seen. */
export function heatOf(age: number, looksPerSecond: number): number {
  if (age === oldestPage) return 0
  return Math.max(0, 1 - Math.log2(1 + (4 * age) / looksPerSecond) / 6)
}

export function paintPages(
  context: CanvasRenderingContext2D,
  ink: PageInk,
  picture: PagePicture,
): void {
  const { grid, shown, cursor } = picture
  const { width, height } = sizeOf(grid)
  context.clearRect(0, 0, width, height)
  paintCells(context, ink, picture)
  context.fillStyle = ink.edge
  for (const cell of picture.edges) {
    const { x, y } = placeOf(cell, grid)
    context.fillRect(x - 1, y, 1, grid.pitch)
  }
  context.strokeStyle = ink.shown
  for (let cell = shown?.first ?? 0; cell <= (shown?.last ?? -1); cell++) frame(context, cell, grid)
  for (const cell of picture.faults) paintCross(context, ink.fault, cell, grid)
  context.strokeStyle = ink.cursor
  if (cursor !== null) frame(context, cursor, grid)
}

/** In CSS pixels, with a margin for what is drawn around the cells. */
export const sizeOf = ({ columns, rows, pitch }: Grid) => ({
  width: columns * pitch + 2 * margin,
  height: rows * pitch + 2 * margin,
})

export const margin = 2

function placeOf(cell: number, { columns, pitch }: Grid) {
  return {
    x: margin + (cell % columns) * pitch,
    y: margin + Math.floor(cell / columns) * pitch,
  }
}

function paintCells(
  context: CanvasRenderingContext2D,
  ink: PageInk,
  { grid, ages, looksPerSecond }: PagePicture,
): void {
  const side = grid.pitch - 1
  for (let cell = 0; cell < grid.cells; cell++) {
    const { x, y } = placeOf(cell, grid)
    context.fillStyle = ink.cell
    context.fillRect(x, y, side, side)
    const heat = heatOf(ages[cell] ?? oldestPage, looksPerSecond)
    if (heat === 0) continue
    context.globalAlpha = heat
    context.fillStyle = ink.heat
    context.fillRect(x, y, side, side)
    context.globalAlpha = 1
  }
}

function frame(context: CanvasRenderingContext2D, cell: number, grid: Grid): void {
  const { x, y } = placeOf(cell, grid)
  context.lineWidth = 2
  context.strokeRect(x - 1, y - 1, grid.pitch + 1, grid.pitch + 1)
}

/** Never smaller than can be seen. */
function paintCross(
  context: CanvasRenderingContext2D,
  colour: string,
  cell: number,
  grid: Grid,
): void {
  const { x, y } = placeOf(cell, grid)
  const middle = (grid.pitch - 1) / 2
  const arm = Math.max(3.5, middle)
  context.strokeStyle = colour
  context.lineWidth = 2
  context.beginPath()
  for (const slope of [1, -1]) {
    context.moveTo(x + middle - arm, y + middle - slope * arm)
    context.lineTo(x + middle + arm, y + middle + slope * arm)
  }
  context.stroke()
}
