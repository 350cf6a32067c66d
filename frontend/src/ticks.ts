// <ds-ticks>: what is ticked in its boxes stays ticked on this device until it is no longer in the list.

const KEPT = 'doorstep-ticks'

class Ticks extends HTMLElement {
  connectedCallback(): void {
    const boxes = [...this.querySelectorAll<HTMLInputElement>('input[type=checkbox]')]
    const kept = new Set(JSON.parse(localStorage.getItem(KEPT) ?? '[]') as string[])
    for (const box of boxes) box.checked = kept.has(box.name)
    const keep = (): void => localStorage.setItem(KEPT, JSON.stringify(boxes.filter((box) => box.checked).map((box) => box.name)))
    this.addEventListener('change', keep)
    keep()
  }
}

customElements.define('ds-ticks', Ticks)
export {}
