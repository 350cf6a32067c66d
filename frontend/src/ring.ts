// <ds-ring>: says aloud who has arrived since the list inside it was last written.

import { beep } from './sound'

/** Return what is said of those who were not there before, by id. */
export function arrivedSince(before: ReadonlySet<string>, now: ReadonlyMap<string, string>): string[] {
  return [...now].filter(([id]) => !before.has(id)).map(([, says]) => says)
}

class Ring extends (typeof HTMLElement === 'undefined' ? (Object as unknown as typeof HTMLElement) : HTMLElement) {
  private known: ReadonlySet<string> = new Set()

  connectedCallback(): void {
    this.known = new Set(this.there().keys())
    this.addEventListener('renewed', () => {
      const now = this.there()
      const news = arrivedSince(this.known, now)
      this.known = new Set(now.keys())
      const place = this.querySelector('[data-said]')
      if (!news.length || !place) return
      place.textContent = `Arrived: ${news.join('; ')}`
      beep('ring')
    })
  }

  private there(): Map<string, string> {
    const rows = this.querySelectorAll<HTMLElement>('[data-arrived]')
    return new Map([...rows].map((row) => [row.dataset['arrived'] ?? '', row.dataset['says'] ?? '']))
  }
}

if (typeof customElements !== 'undefined') customElements.define('ds-ring', Ring)
