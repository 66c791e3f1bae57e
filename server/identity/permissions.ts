// What a person may do. Each route declares one of these.

export const permissions = [
  'public',
  'lab.read',
  'board.control',
  'board.maintain',
  'session.read',
  'host.inspect',
] as const
export type Permission = (typeof permissions)[number]

export interface Actor {
  id: string
  name: string
  role: 'admin'
}

/** Until people sign in, whoever reaches the server on this machine is the local operator. */
export const localOperator: Actor = { id: 'local', name: 'Local operator', role: 'admin' }

/** The actor of what Pinlab does by itself. */
export const systemActor = 'system'

export function mayDo(_actor: Actor, permission: Permission): boolean {
  return permissions.includes(permission)
}
