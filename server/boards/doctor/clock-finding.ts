// What the running server alone knows: that the wall clock was moved under it. Pure.

import type { ClockStep } from '../../clock.ts'
import type { Finding } from '../../contract/doctor.ts'
import { duration } from './words.ts'

export function steppedFinding({ at, byMs }: ClockStep): Finding {
  const where = byMs > 0 ? 'forward' : 'back'
  return {
    check: 'clockStep',
    board: null,
    title: 'Clock moved',
    status: 'mend',
    seen: `moved ${where} by ${duration(Math.abs(byMs))}, noticed at ${new Date(at).toISOString()}`,
    why: 'Nobody knows which time bookings mean. Leases that run go on by the time that passes; new leases, bookings and offers wait, and nobody is released for not coming.',
    mend: {
      text: 'See whether the clock of the host is right now, and set it if not. If it is set back to what it was, nothing else is to be done. If it is right as it is, accept it: on this page, or by POST /api/v1/clock/accept.',
      commands: ['timedatectl', 'chronyc tracking'],
    },
  }
}
