// What a hardware suite prints when it is over: the bytes, the interrupts and the time of each board.

export interface Moved {
  board: string
  model: string
  bytes: number
  transfers: number
  interrupts: number
  seconds: number
}

export function printWhatMoved(rows: Moved[], times: { guest: number; server: number }): void {
  const lines = rows.map(({ board, model, bytes, transfers, interrupts, seconds }) =>
    [
      board.padEnd(8),
      model.padEnd(48),
      `${bytes} bytes`.padStart(16),
      `${transfers} transfers`.padStart(14),
      `${interrupts} interrupts`.padStart(18),
      `${seconds.toFixed(1)} s`.padStart(9),
    ].join(''),
  )
  const started = `guest ready in ${times.guest.toFixed(1)} s, server in ${times.server.toFixed(1)} s`
  process.stdout.write(`\nMoved by real boards (${started}):\n${lines.join('\n')}\n\n`)
}
