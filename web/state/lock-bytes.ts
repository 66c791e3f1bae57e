// The bytes of a lock, read and written by whoever controls the board.

import { readData, writeData } from '../api/http.ts'

export interface LockBytes {
  read(session: string, offset: number, byteLength: number): Promise<Uint8Array>
  write(session: string, offset: number, bytes: Uint8Array): Promise<void>
}

export const lockBytes: LockBytes = {
  read: async (...range) => new Uint8Array(await (await readData(...range)).arrayBuffer()),
  write: writeData,
}
