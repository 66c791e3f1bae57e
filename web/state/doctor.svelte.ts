// What the doctor found on the host and about its boards, when it was last asked. Navigation shows how much there is to mend.

import type { DoctorReport } from '../../server/contract/doctor.ts'
import { acceptClock, getDoctorReport } from '../api/http.ts'
import { Action } from './action.svelte.ts'
import { announcer } from './announcer.svelte.ts'

class Doctor {
  report = $state.raw<DoctorReport | null>(null)
  readonly asking = new Action()
  readonly accepting = new Action()

  ask(): Promise<boolean> {
    return this.asking.run(async () => {
      this.report = await getDoctorReport()
    })
  }

  /** The next person may not see it. */
  forget(): void {
    this.report = null
    this.asking.dismiss()
    this.accepting.dismiss()
  }

  /** The host's clock was moved, and is right. */
  acceptClock(): Promise<boolean> {
    return this.accepting.run(async () => {
      await acceptClock()
      announcer.say('The clock is taken for right')
      await this.ask()
    })
  }

  async askAgain(): Promise<void> {
    const { toMend } = (await this.ask()) && this.report ? this.report : { toMend: null }
    if (toMend !== null) announcer.say(toMend === 0 ? 'Nothing to mend' : `${toMend} to mend`)
  }
}

export const doctor = new Doctor()
