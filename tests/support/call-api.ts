// One request to a server that is reached over a real port.

export interface ServerAccess {
  url: string
  /** An API token. */
  token: string
}

export function requestApi(
  { url, token }: ServerAccess,
  path: string,
  body?: object,
): Promise<Response> {
  const authorization = `Bearer ${token}`
  return fetch(`${url}/api/v1${path}`, {
    headers: { authorization },
    ...(body
      ? {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }
      : {}),
  })
}

export async function callApi<T>(access: ServerAccess, path: string, body?: object): Promise<T> {
  return (await (await requestApi(access, path, body)).json()) as T
}
