// The native layer's only door.

export { openCard } from './card.ts'
export { doctor } from './doctor.ts'
export { DmaError } from './errors.ts'
export {
  allocatePages,
  fillPattern,
  freePages,
  hostLimits,
  projectWave,
  wdStatusText,
} from './memory.ts'
export type * from './surface.ts'
