// The part that both servers share: tell the port, then what was used whenever asked.

import type { ServerQuestion } from './shape.ts'

export function answerParent(port: number): void {
  process.on('message', (question: ServerQuestion) => {
    process.send?.(question === 'cpu' ? cpuMicroseconds() : memoryByteLength())
  })
  process.on('disconnect', () => process.exit())
  process.send?.(port)
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function memoryByteLength(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
