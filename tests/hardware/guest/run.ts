// What `npm run guest` does: one command inside, its output and exit code outside.

import { bootGuest } from './guest.ts'

export async function runInGuest(command: string): Promise<number> {
  const guest = await bootGuest({ onLine: (line) => console.error(`| ${line}`) })
  try {
    const { exitCode } = await guest.run(command, {
      onOutput: (chunk) => process.stdout.write(chunk),
      timeoutMs: 3_600_000,
    })
    return exitCode
  } finally {
    await guest.end()
  }
}
