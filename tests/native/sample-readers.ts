// Samples as JavaScript reads them, for what is compared with the native layer.

import type { SampleFormat } from '../../native/index.ts'

/** Bytes of a sample, and how one is read. */
export const sampleReaders: Record<SampleFormat, [number, (view: DataView, at: number) => number]> =
  {
    i8: [1, (view, at) => view.getInt8(at)],
    u8: [1, (view, at) => view.getUint8(at)],
    i16le: [2, (view, at) => view.getInt16(at, true)],
    i16be: [2, (view, at) => view.getInt16(at)],
    u16le: [2, (view, at) => view.getUint16(at, true)],
    u16be: [2, (view, at) => view.getUint16(at)],
    i32le: [4, (view, at) => view.getInt32(at, true)],
    i32be: [4, (view, at) => view.getInt32(at)],
    u32le: [4, (view, at) => view.getUint32(at, true)],
    u32be: [4, (view, at) => view.getUint32(at)],
    f32le: [4, (view, at) => view.getFloat32(at, true)],
    f32be: [4, (view, at) => view.getFloat32(at)],
    f64le: [8, (view, at) => view.getFloat64(at, true)],
    f64be: [8, (view, at) => view.getFloat64(at)],
  }
