// The native layer's only door.

export { doctor } from './doctor.ts'
export { DmaError } from './errors.ts'
export {
  allocatePages,
  fillPattern,
  findBytes,
  freePages,
  hostLimits,
  wdStatusName,
  wdStatusText,
} from './memory.ts'
export { openCard } from './open-card.ts'
export {
  findTrigger,
  projectSpectrum,
  projectStatistics,
  projectWave,
  trackPages,
} from './projections.ts'
export type * from './surface.ts'
