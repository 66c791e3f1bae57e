// What screen readers are told: changes of state, never live figures.

class Announcer {
  text = $state('')

  say(text: string): void {
    this.text = text
  }
}

export const announcer = new Announcer()
