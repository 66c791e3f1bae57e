// Before the hardware suites: makes what all their guests start from, once, since two files run at a time.

import { prepareGuest, requireGuest } from './guest/prepare.ts'

export default function setup(): void {
  if (requireGuest()) prepareGuest()
}
