// How the pages ask the server: JSON out, JSON or a problem back. One function for each kind of request.

import { ApiProblem, browserProblem, type Problem, unreachable } from './problem.ts'

export const prefix = '/api/v1'

const signedOutCode = 'PINLAB_SIGN_IN_REQUIRED'

const confirmationNeededCode = 'PINLAB_CONFIRMATION_NEEDED'

let onSignedOut = () => {}
let confirm = async () => false

/** Runs when an answer says that nobody is signed in here any more. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

/** Asks the person to prove who they are; with true the request is sent again. */
export function whenConfirmationNeeded(ask: () => Promise<boolean>): void {
  confirm = ask
}

export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response
  try {
    response = await fetch(prefix + path, { credentials: 'same-origin', ...init })
  } catch {
    throw new ApiProblem(unreachable())
  }
  if (response.ok) return response
  const refused = await problemIn(response)
  const needsMore = refused.problem.code === confirmationNeededCode
  if (needsMore && (await confirm())) return send(path, init)
  throw refused
}

async function problemIn(response: Response): Promise<ApiProblem> {
  const problem = await readProblem(response)
  if (problem.code === signedOutCode) onSignedOut()
  return new ApiProblem(problem)
}

async function readProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null)
  if (body && typeof body === 'object' && 'code' in body && 'title' in body) return body as Problem
  return browserProblem(
    'PINLAB_WEB_NO_PROBLEM',
    `The answer was ${response.status}`,
    'What answered does not speak as Pinlab does; it may be a proxy, or the server is starting.',
    response.status,
  )
}

export async function get<T>(path: string): Promise<T> {
  return (await send(path, { headers: { accept: 'application/json' } })).json() as Promise<T>
}

export const post = <T>(path: string, body: unknown = {}) => write<T>('POST', path, body)
export const put = <T>(path: string, body: unknown) => write<T>('PUT', path, body)

export async function remove(path: string): Promise<void> {
  await send(path, { method: 'DELETE', headers: { accept: 'application/json' } })
}

/** Changes what only its owner writes, so that nobody is overtaken. */
export const change = <T>(path: string, body: unknown) => write<T>('PATCH', path, body)

/** Changes what has this version, or fails as stale. */
export const patch = <T>(path: string, version: number, body: unknown) =>
  write<T>('PATCH', path, body, { 'if-match': `"${version}"` })

async function write<T>(method: string, path: string, body: unknown, more = {}): Promise<T> {
  const headers = { 'content-type': 'application/json', accept: 'application/json', ...more }
  const response = await send(path, { method, headers, body: JSON.stringify(body) })
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** A file as it is. Only this old way to ask says how much of it has left, from 0 to 1. */
export function sendFile<T>(path: string, file: Blob, onsent: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', prefix + path)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.setRequestHeader('accept', 'application/json')
    request.upload.onprogress = ({ loaded, total }) => onsent(total > 0 ? loaded / total : 0)
    request.onerror = () => reject(new ApiProblem(unreachable()))
    request.onload = async () => {
      const { status, responseText } = request
      if (status === 201) resolve(JSON.parse(responseText) as T)
      else reject(await problemIn(new Response(responseText, { status })))
    }
    request.send(file)
  })
}

/** An id as part of a path. */
export const at = (id: string) => encodeURIComponent(id)
