// Ethernet frames for the network card. QEMU takes each UDP datagram that comes to its port for one frame.

import type { Guest } from './guest/guest.ts'

/** To the card's address, from another, of the type that is free for experiments (IEEE 802). */
const header = Buffer.from('525400123456' + '525400000001' + '88b5', 'hex')

export function frameWith(text: string): Buffer {
  return Buffer.concat([header, Buffer.from(text)])
}

/** In bursts that the emulated card can keep up with while the machine has time for it. */
export async function sendPaced(
  guest: Guest,
  count: number,
  frame: (number: number) => Uint8Array,
): Promise<void> {
  for (let number = 0; number < count; number++) {
    await guest.sendFrame(frame(number))
    if (number % 40 === 39) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
