// One request to a server that is reached over a real port.

import { setTimeout as sleep } from 'node:timers/promises'

export interface ServerAccess {
  url: string
  /** An API token. */
  token: string
}

const mostTries = 20

/** On emulated processors a server is busy for a while after its start, and says so. */
export async function patiently(send: () => Promise<Response>): Promise<Response> {
  let answer = await send()
  for (let tries = 1; answer.status === 503 && tries < mostTries; tries++) {
    await sleep(2000)
    answer = await send()
  }
  return answer
}

export function requestApi(
  { url, token }: ServerAccess,
  path: string,
  body?: object,
): Promise<Response> {
  const authorization = `Bearer ${token}`
  const post = body && {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  return patiently(() => fetch(`${url}/api/v1${path}`, post ?? { headers: { authorization } }))
}

export async function callApi<T>(access: ServerAccess, path: string, body?: object): Promise<T> {
  return (await (await requestApi(access, path, body)).json()) as T
}
