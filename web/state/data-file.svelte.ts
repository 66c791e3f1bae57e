// A range of a lock's memory, saved as a file by the browser.

import { dataPath, readData } from '../api/http.ts'
import { Action } from './action.svelte.ts'

export interface DataRange {
  session: string
  offset: number
  byteLength: number
  name: string
}

export class DataFile {
  readonly reading = new Action()

  /** Where the browser itself can fetch a whole lock of at most `maxDataByteLength`. */
  address(session: string): string {
    return dataPath(session)
  }

  save({ session, offset, byteLength, name }: DataRange): Promise<boolean> {
    return this.reading.run(async () => {
      const url = URL.createObjectURL(await readData(session, offset, byteLength))
      const link = document.createElement('a')
      link.href = url
      link.download = name
      link.click()
      // The browser has begun to save it by then.
      setTimeout(() => URL.revokeObjectURL(url), 60_000)
    })
  }
}
