// The parts of the dispatcher's board together: what is chosen in one is shown in all; keys; prices before a move.

import { ask } from './page'

const list = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('a.route[data-route]')]
let chosen: string | null = null

function choose(route: string | null): void {
  chosen = route
  const map = document.querySelector('ds-map')
  if (route) map?.setAttribute('selected', route)
  else map?.removeAttribute('selected')
  mark()
}

function mark(): void {
  for (const one of list()) one.classList.toggle('picked', one.dataset['route'] === chosen)
}

document.addEventListener('renewed', mark)
document.addEventListener('pick', (event) => {
  const detail = (event as CustomEvent<{ route?: string; label?: string } | null>).detail
  choose(detail?.route || null)
  const listed = document.querySelector(`a.route[data-route="${CSS.escape(chosen ?? '')}"]`)
  listed?.scrollIntoView({ block: 'nearest' })
  offer(listed ? null : chosen)
})

/** Offer the page of a route that is not in the list. */
function offer(route: string | null): void {
  const place = document.querySelector<HTMLElement>('#unlisted')
  const link = place?.querySelector('a')
  if (!place || !link) return
  place.hidden = !route
  if (route) link.href = `/dispatch/routes/${encodeURIComponent(route)}`
}
for (const event of ['mouseover', 'focusin'] as const) {
  document.addEventListener(event, (happened) => {
    const route = (happened.target as Element).closest?.('a.route[data-route]')?.getAttribute('data-route')
    if (route && route !== chosen) choose(route)
  })
}

const KEYS = 'doorstep-keys'
const offered = document.createElement('button')
offered.type = 'button'
offered.className = 'quiet'
offered.addEventListener('click', () => {
  localStorage.setItem(KEYS, localStorage.getItem(KEYS) === 'off' ? 'on' : 'off')
  tellKeys()
})
const help = document.querySelector<HTMLDialogElement>('dialog#keys')
help?.querySelector('form')?.append(offered)
const asked = document.createElement('button')
asked.type = 'button'
asked.className = 'quiet'
asked.textContent = 'Keys (?)'
asked.addEventListener('click', () => help?.showModal())
document.querySelector('.desk')?.append(asked)
tellKeys()

function tellKeys(): void {
  const on = localStorage.getItem(KEYS) !== 'off'
  offered.setAttribute('aria-pressed', String(on))
  offered.textContent = on ? 'Keys of one letter are on' : 'Keys of one letter are off'
}

document.addEventListener('keydown', (event) => {
  if (localStorage.getItem(KEYS) === 'off') return
  const target = event.target as HTMLElement
  if (help?.open) return
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) {
    if (event.key === 'Escape') target.blur()
    return
  }
  const routes = list()
  const at = routes.findIndex((one) => one === document.activeElement)
  const go: Record<string, () => void> = {
    '/': () => document.querySelector<HTMLElement>('[data-key="/"]')?.focus(),
    j: () => routes[Math.min(at + 1, routes.length - 1)]?.focus(),
    k: () => routes[Math.max(at - 1, 0)]?.focus(),
    m: () => document.querySelector<HTMLElement>('ds-map canvas')?.focus(),
    t: () => document.querySelector<HTMLElement>('ds-timeline [tabindex]')?.focus(),
    '?': () => help?.showModal(),
    Escape: () => choose(null),
  }
  const done = go[event.key]
  if (!done) return
  event.preventDefault()
  done()
})

document.addEventListener('change', async (event) => {
  const select = event.target as HTMLSelectElement
  const path = select.dataset?.['price']
  const told = select.closest('form')?.querySelector('output')
  if (!path || !told) return
  told.textContent = '…'
  const price = await ask<{ words?: string; refused?: string }>(`${path}?route_id=${encodeURIComponent(select.value)}`)
  if (price.refused) told.textContent = price.refused
  else told.replaceChildren(...new DOMParser().parseFromString(price.words ?? '', 'text/html').body.childNodes)
})
