// Ethernet frames for the network card. QEMU takes each UDP datagram that comes to its port for one frame.

import type { Guest } from './guest/guest.ts'

/** To the card's address, from another, of the type that is free for experiments (IEEE 802). */
const header = Buffer.from('525400123456' + '525400000001' + '88b5', 'hex')

/** The number behind the type is what the driver finds lost frames by. */
export function numberedFrame(number: number, payload: Uint8Array): Buffer {
  const digits = Buffer.alloc(4)
  digits.writeUInt32BE(number)
  return Buffer.concat([header, digits, payload])
}

/** Sends frames 0 to `count` - 1, so many every 5 ms: an emulated card keeps up with 40 while the machine has time for it. */
export async function sendPaced(
  guest: Guest,
  count: number,
  frame: (number: number) => Uint8Array,
  burst = 40,
): Promise<void> {
  for (let number = 0; number < count; number++) {
    await guest.sendFrame(frame(number))
    if (number % burst === burst - 1) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
