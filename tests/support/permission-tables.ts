// The tables of docs/permissions.md, as a test reads them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../server/project-root.ts'

const text = readFileSync(join(projectRoot, 'docs', 'permissions.md'), 'utf8')

/** The rows of the table whose head begins with these words. */
function rowsOf(head: string): string[][] {
  const [, after = ''] = text.split(`| ${head} |`)
  const lines = after.split('\n').slice(2)
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end < 0 ? lines.length : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

export interface DocumentedPermission {
  permission: string
  roles: string[]
  scope: string | null
}

const roles = ['viewer', 'operator', 'admin', 'auditor']

export const documentedPermissions: DocumentedPermission[] = rowsOf(
  'permission | viewer | operator | admin | auditor | scope',
).map(([permission = '', ...cells]) => ({
  permission,
  roles: roles.filter((_, at) => cells[at] === 'yes'),
  scope: cells[4]?.startsWith('none') ? null : (cells[4] ?? ''),
}))

export interface DocumentedRoute {
  method: string
  url: string
  permission: string
}

export const documentedRoutes: DocumentedRoute[] = rowsOf('method | path | permission').map(
  ([method = '', path = '', permission = '']) => ({
    method,
    url: path.endsWith('(whole)') ? (path.split(' ')[0] ?? '') : `/api/v1${path}`,
    permission,
  }),
)

const messages = rowsOf('message | permission | of a lease that everyone may watch')
export const documentedMessages = new Map(
  messages.map(([message = '', permission = '']) => [message, permission]),
)
/** What they need of a lease that everyone may watch. */
export const documentedWatching = new Map(
  messages.map(([message = '', , permission = '']) => [message, permission]),
)

/** As the documents say it. A browser has every scope. */
export function isDocumented(
  permission: string,
  { role, scopes }: { role: string; scopes: readonly string[] | null },
): boolean {
  if (permission === 'public') return true
  const row = documentedPermissions.find((one) => one.permission === permission)
  if (!row?.roles.includes(role)) return false
  return scopes === null || (row.scope !== null && scopes.includes(row.scope))
}
