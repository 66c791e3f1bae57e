// The native layer's only door.

export { openCard } from './card.ts'
export { doctor } from './doctor.ts'
export { DmaError } from './errors.ts'
export {
  allocatePages,
  fillPattern,
  freePages,
  hostLimits,
  wdStatusText,
} from './memory.ts'
export { projectSpectrum, projectWave, trackPages } from './projections.ts'
export type * from './surface.ts'
