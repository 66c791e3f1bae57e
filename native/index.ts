// The native layer's only door.

export { doctor } from './doctor.ts'
export { DmaError } from './errors.ts'
export {
  allocatePages,
  fillPattern,
  freePages,
  hostLimits,
  projectWave,
  wdStatusName,
  wdStatusText,
} from './memory.ts'
export { openCard } from './open-card.ts'
export type * from './surface.ts'
