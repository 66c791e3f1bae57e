// The lines of a text that arrives in pieces, many at a time.

import { type FileBytes, fileFault } from './file-bytes.ts'

/** 64 numbers with all their digits are not half as long. */
const longestLine = 4096
const byteOrderMark = '\xef\xbb\xbf'

export class CsvLines {
  /** Of the line that `next` gave last, from 1 on. */
  number = 0
  #texts: string[] = []
  /** The beginning of a line whose end has not come. */
  #begun = ''
  #isOver = false

  constructor(private readonly file: FileBytes) {}

  async next(): Promise<string | null> {
    while (this.#texts.length === 0 && !this.#isOver) await this.#read()
    const text = this.#texts.shift()
    if (text === undefined) return null
    this.number++
    return text
  }

  /** All that follow. */
  async *batches(): AsyncGenerator<{ line: number; texts: string[] }> {
    for (;;) {
      if (this.#texts.length > 0) {
        yield { line: this.number + 1, texts: this.#texts }
        this.number += this.#texts.length
      }
      if (this.#isOver) return
      await this.#read()
    }
  }

  async #read(): Promise<void> {
    const isFirst = this.file.offset === 0
    const part = await this.file.some()
    const text = this.#begun + (part?.toString('latin1') ?? '')
    const texts = (isFirst && text.startsWith(byteOrderMark) ? text.slice(3) : text).split('\n')
    this.#begun = part ? (texts.pop() ?? '') : ''
    this.#isOver = part === null
    if (this.#isOver && texts.at(-1) === '') texts.pop()
    this.#texts = texts.map((one) => (one.endsWith('\r') ? one.slice(0, -1) : one))
    if (this.#begun.length > longestLine) {
      const line = this.number + this.#texts.length + 1
      throw fileFault(`Line ${line} has more than ${longestLine} characters.`, { line })
    }
  }
}
