// The services of identity on a database of their own, with a clock that stands still.

import Fastify from 'fastify'
import { expect, onTestFinished } from 'vitest'
import { beginLog } from '../../server/audit/audit-log.ts'
import { actorOf } from '../../server/identity/credentials.ts'
import { IdentityServices } from '../../server/identity/identity-services.ts'
import { readPerson } from '../../server/identity/identity-store.ts'
import type { Actor } from '../../server/identity/permissions.ts'
import type { Origin } from '../../server/identity/sign-ins.ts'
import { Database } from '../../server/plugins/database/database.ts'
import { FakeClock } from './fake-clock.ts'
import { addTestPerson, type TestPerson } from './people.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const hour = 60 * 60_000
export const day = 24 * hour

export async function openIdentity() {
  const dataFolder = temporaryFolder()
  const database = await Database.open(dataFolder)
  await beginLog(database, Fastify().log)
  onTestFinished(() => database.close())
  const clock = new FakeClock()
  const errors: unknown[] = []
  const onError = (error: unknown) => errors.push(error)
  const services = new IdentityServices({
    ...{ database, clock, dataFolder, onError },
    provider: null,
  })

  return {
    dataFolder,
    database,
    clock,
    errors,
    services,
    add: (role: TestPerson['role'] = 'operator') => addTestPerson(database, role),
    /** As somebody who has signed in with what is `credential`. */
    async actor({ id }: { id: string }, credential = ''): Promise<Actor> {
      const row = await readPerson(database.reader, id)
      if (!row) throw new Error(`there is no person ${id}`)
      return actorOf(row, credential, null)
    },
  }
}

let requests = 0

export function from(address = '192.0.2.1'): Origin {
  requests += 1
  return { address, userAgent: 'a browser', request: `request ${requests}` }
}

export const coded = (code: string) => expect.objectContaining({ code })
