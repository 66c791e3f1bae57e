import { describe, expect, it } from 'vitest'
import { within } from '../../../server/boards/within.ts'

describe('work that has an end', () => {
  it('is what it comes to, or fails as it does', async () => {
    expect(await within(60_000, Promise.resolve(7), 'It did not end')).toBe(7)
    const failed = Promise.reject(new Error('broken'))
    await expect(within(60_000, failed, 'It did not end')).rejects.toThrow('broken')
  })

  it('is a fault of the board when it does not end', async () => {
    const never = new Promise<void>(() => {})
    await expect(within(10, never, 'An engine did not stop')).rejects.toEqual(
      expect.objectContaining({ code: 'PINLAB_BOARD_FAULT' }),
    )
  })
})
