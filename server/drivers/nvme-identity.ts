// What an NVMe controller and its namespace say of themselves (Identify, NVM Express base specification 1.4, 5.15). Pure.

export interface ControllerIdentity {
  model: string
  serial: string
  firmware: string
  /** The most that one command may move, bytes; Infinity where there is no limit. */
  maxTransferByteLength: number
  /** Whether it takes scatter/gather descriptors at any address. */
  takesScatterGather: boolean
}

export function readController(page: Uint8Array, smallestPage: number): ControllerIdentity {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
  const text = (from: number, to: number) =>
    Buffer.from(page.subarray(from, to)).toString('latin1').replaceAll('\0', ' ').trim()
  const exponent = page[77] ?? 0
  return {
    serial: text(4, 24),
    model: text(24, 64),
    firmware: text(64, 72),
    maxTransferByteLength: exponent === 0 ? Number.POSITIVE_INFINITY : smallestPage * 2 ** exponent,
    takesScatterGather: (view.getUint32(536, true) & 0x3) === 0x1,
  }
}

export interface NamespaceIdentity {
  /** 0: there is no such namespace. */
  blockCount: number
  blockByteLength: number
  /** Of each block, beside its data. */
  metadataByteLength: number
}

export function readNamespace(page: Uint8Array): NamespaceIdentity {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
  const format = view.getUint32(128 + 4 * ((page[26] ?? 0) & 0xf), true)
  return {
    blockCount: Number(view.getBigUint64(0, true)),
    blockByteLength: 2 ** ((format >>> 16) & 0xff),
    metadataByteLength: format & 0xffff,
  }
}
