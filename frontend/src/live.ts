// <ds-live src every>: a part of the page that the server writes anew every few seconds; focus and open parts stay.

class Live extends HTMLElement {
  private timer = 0

  connectedCallback(): void {
    const every = Number(this.getAttribute('every') ?? '5') * 1000
    this.timer = window.setInterval(() => void this.renew(), every)
  }

  disconnectedCallback(): void {
    window.clearInterval(this.timer)
  }

  async renew(): Promise<void> {
    const src = this.getAttribute('src')
    if (!src || document.hidden || this.contains(document.activeElement)) return
    const answer = await fetch(src).catch(() => undefined)
    if (answer?.status === 401) return
    if (!answer?.ok || answer.redirected) {
      this.dataset['stale'] = 'yes'
      return
    }
    delete this.dataset['stale']
    const html = await answer.text()
    if (this.contains(document.activeElement)) return
    const open = [...this.querySelectorAll<HTMLDetailsElement>('details[open][id]')].map((one) => one.id)
    this.innerHTML = html
    for (const id of open) this.querySelector(`#${CSS.escape(id)}`)?.setAttribute('open', '')
    this.dispatchEvent(new CustomEvent('renewed', { bubbles: true }))
  }
}

customElements.define('ds-live', Live)
export {}
