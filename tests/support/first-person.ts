// Makes the first administrator of a lab that runs as a process of its own, as its keeper would.

import { scopes } from '../../server/contract/identity.ts'
import { patiently } from './call-api.ts'

export interface FirstPerson {
  login: string
  password: string
  /** `name=value` of the browser's cookie. */
  cookie: string
  /** An API token with every scope. */
  token: string
}

export async function setUpLab(url: string, setUpToken: string): Promise<FirstPerson> {
  const person = { login: 'ada', name: 'Ada Keeper', password: 'copper lantern fjord' }
  const made = await post(url, '/setup', { token: setUpToken.trim(), ...person })
  const [cookie = ''] = (made.headers.getSetCookie()[0] ?? '').split(';')
  const answer = await post(url, '/me/tokens', { name: 'tests', scopes: [...scopes] }, { cookie })
  const { token } = (await answer.json()) as { token: string }
  return { ...person, cookie, token }
}

async function post(url: string, path: string, body: object, headers: object = {}) {
  const send = () =>
    fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: new URL(url).origin, ...headers },
      body: JSON.stringify(body),
    })
  const answer = await patiently(send)
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  return answer
}
