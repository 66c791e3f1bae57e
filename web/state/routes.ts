// The addresses of the screens. Pure: router.svelte.ts applies it to the browser's history.

export type Screen =
  | { screen: 'lab' }
  | { screen: 'bench'; board: string }
  | { screen: 'calendar' }
  | { screen: 'mine' }
  | { screen: 'rules' }
  | { screen: 'sessions' }
  | { screen: 'session'; id: string }
  | { screen: 'doctor' }
  | { screen: 'people' }
  | { screen: 'account' }
  | { screen: 'set-up' }
  | { screen: 'link' }
  | { screen: 'missing' }

export function matchScreen(path: string): Screen {
  const [first, second, ...rest] = path.split('/').filter(Boolean).map(decode)
  if (rest.length > 0) return { screen: 'missing' }
  if (first === undefined) return { screen: 'lab' }
  if (first === 'boards' && second) return { screen: 'bench', board: second }
  if (first === 'sessions') return second ? { screen: 'session', id: second } : { screen: first }
  if (second) return { screen: 'missing' }
  if (first === 'setup') return { screen: 'set-up' }
  if (isPlain(first)) return { screen: first }
  return { screen: 'missing' }
}

const plainScreens = ['calendar', 'mine', 'rules', 'doctor', 'people', 'account', 'link'] as const

const isPlain = (name: string): name is (typeof plainScreens)[number] =>
  (plainScreens as readonly string[]).includes(name)

/** An address that was typed wrong is no screen; it must not be an error. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const paths = {
  lab: '/',
  bench: (board: string) => `/boards/${encodeURIComponent(board)}`,
  calendar: '/calendar',
  mine: '/mine',
  rules: '/rules',
  sessions: '/sessions',
  /** Of the record: with a filter, as the query of an address. */
  events: (filter: Record<string, string> = {}) =>
    `/sessions?${new URLSearchParams({ tab: 'events', ...filter })}`,
  use: '/sessions?tab=use',
  session: (id: string) => `/sessions/${encodeURIComponent(id)}`,
  doctor: '/doctor',
  people: '/people',
  account: '/account',
  setUp: '/setup',
  /** The server's: it sends the browser on to the provider, and back to this address afterwards. */
  provider: (returnTo: string) => `/api/v1/provider/start?returnTo=${encodeURIComponent(returnTo)}`,
  /** The same, for somebody whom the provider is to ask once more. */
  providerAgain: (returnTo: string) => `${paths.provider(returnTo)}&again=true`,
}
