// Makes .npy files for tests.

export interface NumpyFile {
  version?: number
  /** Null: a structure. */
  type?: string | null
  /** As Python writes it. */
  shape?: string
  fortranOrder?: boolean
  dataByteLength?: number
  /** The header's entries from last to first. */
  reverse?: boolean
}

export function numpyFile(file: NumpyFile): Buffer {
  const { version = 1, type = '<i2', shape = '(16, 2)', fortranOrder = false } = file
  const entries = [
    `'descr': ${type === null ? "[('x', '<i2')]" : `'${type}'`}`,
    `'fortran_order': ${fortranOrder ? 'True' : 'False'}`,
    `'shape': ${shape}`,
  ]
  if (file.reverse) entries.reverse()
  const text = Buffer.from(`{${entries.join(', ')}, }\n`, 'latin1')
  const lengthField = Buffer.alloc(version === 1 ? 2 : 4)
  lengthField.writeUIntLE(text.length, 0, lengthField.length)
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.from([version, 0]),
    lengthField,
    text,
    Buffer.alloc(file.dataByteLength ?? 64),
  ])
}
