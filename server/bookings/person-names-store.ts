// The names of people in the tables of bookings, lines and leases.

import { erasedName } from '../audit/erasing.ts'
import type { Transaction } from '../plugins/database/database.ts'

/** Where a person who is erased had, waited for or planned a board. What they wrote into a booking's note goes too. */
export async function eraseNamesOfSharing(tx: Transaction, person: string): Promise<void> {
  const ownerName = erasedName
  await tx.booking.updateMany({ where: { owner: person }, data: { ownerName, note: '' } })
  await tx.lease.updateMany({ where: { holder: person }, data: { holderName: erasedName } })
  const member = { login: erasedName, name: erasedName }
  await tx.leaseMember.updateMany({ where: { personId: person }, data: member })
  await tx.queueEntry.updateMany({ where: { person }, data: { personName: erasedName } })
  await tx.calendarFeed.deleteMany({ where: { personId: person } })
}
