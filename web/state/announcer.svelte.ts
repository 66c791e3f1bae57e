// What screen readers are told: changes of state, never live figures.

class Announcer {
  text = $state('')
  /** Said at once, whatever is being read. */
  urgent = $state('')

  say(text: string): void {
    this.text = text
  }

  urge(text: string): void {
    this.urgent = text
  }
}

export const announcer = new Announcer()
