// Tells a wedge scanner, which types a whole label in one go, from a person at the keyboard.

/** Longest pause between two keys of a scanner, and the silence that ends what it types [ms]. */
export const PAUSE_MS = 50, SILENCE_MS = 120
const SHORTEST = 18

export class Burst {
  private length = 0
  private lastAt = -Infinity

  /** Note that a character came at a moment [ms]. */
  key(at: number): void {
    this.length = at - this.lastAt <= PAUSE_MS ? this.length + 1 : 1
    this.lastAt = at
  }

  /** Return whether what has come until now is a label that a scanner typed, and that is over. */
  isOver(at: number): boolean {
    return this.length >= SHORTEST && at - this.lastAt >= SILENCE_MS
  }

  clear(): void {
    this.length = 0
    this.lastAt = -Infinity
  }
}
