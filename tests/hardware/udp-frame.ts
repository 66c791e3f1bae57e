// Ethernet frames that carry a UDP datagram, as the wire would bring them.

import type { Guest } from './guest/guest.ts'

const ethernetByteLength = 14
const ipByteLength = 20
const udpByteLength = 8

/** From 10.0.9.1 to 10.0.9.2, port 4000; the checksum of UDP is left out, as IPv4 allows. */
export function udpFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const frame = Buffer.alloc(ethernetByteLength + ipByteLength + udpByteLength)
  frame.set([0x52, 0x54, 0, 0x12, 0x34, 0x56, 0x52, 0x54, 0, 0, 0, 1, 0x08, 0x00])
  const ip = frame.subarray(ethernetByteLength)
  ip.writeUInt8(0x45, 0)
  ip.writeUInt16BE(ipByteLength + udpByteLength + payload.byteLength, 2)
  ip.set([64, 17], 8)
  ip.set([10, 0, 9, 1, 10, 0, 9, 2], 12)
  ip.writeUInt16BE(ipChecksum(ip.subarray(0, ipByteLength)), 10)
  const udp = ip.subarray(ipByteLength)
  udp.writeUInt16BE(4000, 0)
  udp.writeUInt16BE(4000, 2)
  udp.writeUInt16BE(udpByteLength + payload.byteLength, 4)
  return Buffer.concat([frame, payload])
}

/** RFC 791: the complement of the sum of its 16-bit words. */
function ipChecksum(header: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < header.byteLength; at += 2) {
    sum += ((header[at] ?? 0) << 8) | (header[at + 1] ?? 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** In bursts that the emulated board can keep up with: it drops nothing at this pace on an idle machine. */
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
