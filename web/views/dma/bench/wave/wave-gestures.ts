// What the wheel and the keys do to the window of a wave.

export interface Zoomable {
  zoom(factor: number): void
  pan(by: number): void
  showAll(): void
}

const zoomIn = 1 / 2
const zoomOut = 2
const small = 0.1
const large = 0.5

type Act = (wave: Zoomable, shift: boolean) => void

export const keyActions: Record<string, Act> = {
  '+': (wave) => wave.zoom(zoomIn),
  '=': (wave) => wave.zoom(zoomIn),
  '-': (wave) => wave.zoom(zoomOut),
  '0': (wave) => wave.showAll(),
  ArrowLeft: (wave, shift) => wave.pan(shift ? -large : -small),
  ArrowRight: (wave, shift) => wave.pan(shift ? large : small),
}

export type WheelAction = { kind: 'zoom'; factor: number } | { kind: 'pan'; by: number }

interface Wheel {
  deltaX: number
  deltaY: number
  deltaMode: number
  ctrlKey: boolean
  metaKey: boolean
  shiftKey: boolean
}

/** Pixels of one step, in lines and in pages as some browsers count. */
const unitPx = [1, 16, 400]
const zoomPerPx = 1 / 300
const panPerPx = 1 / 1000

/**
 * The page scrolls as ever under a wheel, unless Ctrl is held, as a pinch on a touchpad says too, or the plot was clicked at
 * (`focused`). Sideways, or with Shift, it moves along.
 */
export function wheelAction(wheel: Wheel, focused: boolean): WheelAction | null {
  const unit = unitPx[wheel.deltaMode] ?? 1
  const aside = wheel.shiftKey ? wheel.deltaX || wheel.deltaY : wheel.deltaX
  if (wheel.shiftKey || Math.abs(wheel.deltaX) > Math.abs(wheel.deltaY)) {
    return { kind: 'pan', by: aside * unit * panPerPx }
  }
  if (!wheel.ctrlKey && !wheel.metaKey && !focused) return null
  const steps = Math.min(200, Math.max(-200, wheel.deltaY * unit))
  return { kind: 'zoom', factor: Math.exp(steps * zoomPerPx) }
}
