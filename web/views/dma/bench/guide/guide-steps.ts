// The guided first minute: what there is to do, and which of it has happened. Pure.

export interface Happened {
  taken: boolean
  locked: boolean
  started: boolean
  unlocked: boolean
}

export const nothingHappened: Happened = {
  taken: false,
  locked: false,
  started: false,
  unlocked: false,
}

export interface GuideStep {
  name: string
  /** What to press, and what it does. */
  how: string
  state: 'done' | 'now' | 'later'
}

const steps: { key: keyof Happened; name: string; how: string }[] = [
  {
    key: 'taken',
    name: 'Use now',
    how: 'Press “Use now” above: the board is yours for a while, and nobody else can touch it.',
  },
  {
    key: 'locked',
    name: 'Lock memory',
    how: 'Press “Lock memory”: it stays where it is, so that the board can write into it.',
  },
  {
    key: 'started',
    name: 'Start c2h1',
    how: 'Press “Start” at c2h1, the digitizer, and choose cyclic: it writes round and round.',
  },
  {
    key: 'unlocked',
    name: 'Watch, then unlock',
    how: 'Wave and Bytes show what is being written. Stop c2h1, then unlock the memory.',
  },
]

/** What happened stays so, and each step brings those before it: the board may be released meanwhile. */
export function remember(before: Happened, now: Happened): Happened {
  const unlocked = before.unlocked || now.unlocked
  const started = before.started || now.started || unlocked
  const locked = before.locked || now.locked || started
  const taken = before.taken || now.taken || locked
  return { taken, locked, started, unlocked }
}

export function guideSteps(happened: Happened): GuideStep[] {
  const next = steps.findIndex(({ key }) => !happened[key])
  return steps.map(({ key, name, how }, i) => ({
    name,
    how,
    state: happened[key] ? 'done' : i === next ? 'now' : 'later',
  }))
}
