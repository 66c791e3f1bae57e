// What a connection of the live protocol needs of where it runs: a browser, or a test.

export interface Wire {
  send(text: string): void
  close(): void
}

export interface Surroundings {
  connect(handlers: {
    onmessage(data: string | ArrayBuffer): void
    onclose(code: number): void
  }): Wire
  /** Runs `paint` once, just before the browser's next picture. */
  beforeNextPicture(paint: () => void): void
  /** Runs `work` later; the result cancels it. */
  after(delayMs: number, work: () => void): () => void
  random(): number
}
