// <ds-timeline src every>: a row for each route, its stops as blocks, promises as brackets, the present as a line. A
// block is dragged to another row, or chosen with Enter and moved with the arrow keys; before it is dropped, what the
// move costs and the promises it breaks are shown. Only rows in sight are drawn: there may be thousands.

import { ask, post, say } from './page'
import { besideOf, inSight } from './rows'
import { axisOf, blockSpan, ticksOf, type Axis } from './time-axis'

interface Stop { id: string; number: number; code: string; at: number; until: number; opens: number; closes: number; state: string }
interface Route { id: string; name: string; driver: string; state: string; worst: string; starts_at: number; ends_at: number; zone: string; site: string; stops: Stop[] }
interface Day { now: number; routes: Route[] }
interface Price { words?: string; refused?: string }

const ROW = 30
const HEAD = 24
const LABEL = 150
/** Rows that are drawn beyond those in sight. */
const BESIDE = 10
const SVG = 'http://www.w3.org/2000/svg'

function svg(name: string, attributes: Record<string, string | number>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  if (text) made.textContent = text
  return made
}

class Timeline extends HTMLElement {
  private day: Day | undefined
  private timer = 0
  private held: { stop: Stop; from: Route; to: Route } | undefined
  private asked: AbortController | undefined
  private drawn = [0, 0]
  private readonly head = svg('svg', { class: 'timeline head', 'aria-hidden': 'true', height: HEAD })
  private readonly drawing = svg('svg', { class: 'timeline', role: 'group', 'aria-label': 'Routes by time' })
  private readonly told = document.createElement('output')

  connectedCallback(): void {
    this.told.className = 'move-price'
    this.told.setAttribute('aria-live', 'polite')
    this.append(this.head, this.drawing, this.told)
    this.timer = window.setInterval(() => void this.renew(), Number(this.getAttribute('every') ?? '5') * 1000)
    new ResizeObserver(() => this.draw()).observe(this)
    document.addEventListener('scroll', this.scrolled, { capture: true, passive: true })
    this.hear()
    void this.renew()
  }

  disconnectedCallback(): void {
    window.clearInterval(this.timer)
    document.removeEventListener('scroll', this.scrolled, { capture: true })
  }

  private readonly scrolled = (): void => {
    const [from, to] = this.seen()
    if (from < this.drawn[0]! || to > this.drawn[1]!) this.draw()
  }

  /** Return the first row in sight, and the one after the last. */
  private seen(): [number, number] {
    const [own, around] = [this.drawing.getBoundingClientRect(), (this.parentElement ?? this).getBoundingClientRect()]
    return inSight(Math.max(0, around.top) - own.top, Math.min(window.innerHeight, around.bottom) - own.top, ROW, this.day?.routes.length ?? 0)
  }

  async renew(): Promise<void> {
    if (document.hidden || this.held) return
    try {
      const day = await ask<Day>(this.getAttribute('src') ?? '')
      if (this.held) return
      this.day = day
      delete this.dataset['stale']
      this.draw()
    } catch {
      this.dataset['stale'] = 'yes'
    }
  }

  private draw(): void {
    const day = this.day
    if (!day) return
    const focused = document.activeElement?.getAttribute('data-stop')
    const width = Math.max(this.clientWidth, 480)
    const height = day.routes.length * ROW + 8
    const axis = axisOf(day.now, day.routes, LABEL, width - 12)
    for (const [one, tall] of [[this.head, HEAD], [this.drawing, height]] as const) {
      one.replaceChildren()
      one.setAttribute('viewBox', `0 0 ${width} ${tall}`)
      one.setAttribute('width', String(width))
      one.setAttribute('height', String(tall))
    }
    if (!day.routes.length) {
      this.head.append(svg('text', { x: width / 2, y: 16, 'text-anchor': 'middle', class: 'faint' }, 'No routes run.'))
      return
    }
    this.drawAxis(axis, day, height)
    const [from, to] = this.seen()
    this.drawn = [Math.max(0, from - BESIDE), Math.min(day.routes.length, to + BESIDE)]
    day.routes.forEach((route, row) => {
      const kept = this.held?.from === route || route.stops.some((stop) => stop.id === focused)
      if (kept || (row >= this.drawn[0]! && row < this.drawn[1]!)) this.drawRow(axis, route, row * ROW)
    })
    const x = axis.x(day.now)
    this.drawing.append(svg('line', { x1: x, x2: x, y1: 0, y2: height, class: 'now-line' }))
    if (focused) this.blockOf(focused)?.focus({ preventScroll: true })
  }

  private blockOf(stop: string): SVGElement | null {
    return this.drawing.querySelector<SVGElement>(`[data-stop="${CSS.escape(stop)}"]`)
  }

  private drawAxis(axis: Axis, day: Day, height: number): void {
    const zone = day.routes[0]?.zone ?? 'UTC'
    const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone })
    for (const at of ticksOf(axis)) {
      const x = axis.x(at)
      this.drawing.append(svg('line', { x1: x, x2: x, y1: 0, y2: height, class: 'tick' }))
      this.head.append(svg('text', { x, y: 16, 'text-anchor': 'middle', class: 'faint' }, clock.format(at * 1000)))
    }
  }

  private drawRow(axis: Axis, route: Route, y: number): void {
    const group = svg('g', { class: `row ${route.worst}`, 'data-route': route.id })
    group.append(svg('rect', { x: 0, y, width: '100%', height: ROW, class: 'row-ground' }))
    const name = svg('text', { x: 12, y: y + 19, class: 'row-name' }, route.name)
    name.append(svg('title', {}, `${route.name}, ${route.driver || 'no driver yet'}, ${route.state.replace('_', ' ')}`))
    group.append(name, svg('line', { x1: axis.x(route.starts_at), x2: axis.x(route.ends_at), y1: y + ROW / 2, y2: y + ROW / 2, class: 'course' }))
    for (const stop of route.stops) {
      const { x, width } = blockSpan(axis, stop.at, stop.until)
      if (stop.state === 'late' || stop.state === 'at_risk') {
        const end = axis.x(stop.closes)
        group.append(svg('path', { d: `M${end - 4} ${y + 5}h4v${ROW - 10}h-4`, class: 'bracket' }))
      }
      const movable = stop.state !== 'done' && stop.state !== 'failed'
      const block = svg('g', { class: `block ${stop.state}`, 'data-stop': stop.id, ...(movable ? { tabindex: 0, role: 'button' } : {}) })
      block.setAttribute('aria-label', `Stop ${stop.number}, ${stop.code}, ${stop.state.replace('_', ' ')}, on ${route.name}`)
      block.append(svg('rect', { x, y: y + 6, width, height: ROW - 12, rx: 3 }), svg('title', {}, `${stop.number}. ${stop.code}, ${stop.state.replace('_', ' ')}`))
      if (width >= 16) block.append(svg('text', { x: x + width / 2, y: y + 19, 'text-anchor': 'middle' }, String(stop.number)))
      group.append(block)
    }
    this.drawing.append(group)
  }

  private hear(): void {
    this.drawing.addEventListener('pointerdown', (event) => this.take(event.target, event))
    this.drawing.addEventListener('pointermove', (event) => {
      if (!this.held) return
      const to = this.routeAt(event.clientY)
      if (to && to.id !== this.held.to.id) void this.aim(to)
    })
    this.drawing.addEventListener('pointerup', () => void this.drop())
    this.drawing.addEventListener('pointercancel', () => this.let())
    this.addEventListener('keydown', (event) => this.key(event))
    this.drawing.addEventListener('click', (event) => {
      const route = (event.target as Element).closest('[data-route]')?.getAttribute('data-route')
      if (route) this.dispatchEvent(new CustomEvent('pick', { bubbles: true, detail: { kind: 'lines', route } }))
    })
  }

  private take(target: EventTarget | null, event?: PointerEvent): void {
    const block = (target as Element | null)?.closest('[data-stop][tabindex]')
    const id = block?.getAttribute('data-stop')
    const from = this.day?.routes.find((route) => route.stops.some((stop) => stop.id === id))
    const stop = from?.stops.find((one) => one.id === id)
    if (!from || !stop) return
    if (event) this.drawing.setPointerCapture(event.pointerId)
    this.held = { stop, from, to: from }
    block?.classList.add('held')
  }

  private key(event: KeyboardEvent): void {
    if (!this.held) {
      if (event.key === 'Enter' || event.key === ' ') {
        this.take(event.target)
        if (this.held) {
          event.preventDefault()
          this.tell('Choose a route with the arrow keys, Enter moves it there, Escape leaves it.')
        }
      } else if (event.key.startsWith('Arrow')) this.walk(event)
      return
    }
    const routes = this.day?.routes.filter((route) => route.site === this.held?.from.site) ?? []
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step) {
      const to = routes[routes.findIndex((one) => one.id === this.held?.to.id) + step]
      if (to) void this.aim(to)
    } else if (event.key === 'Enter') void this.drop()
    else if (event.key === 'Escape') this.let()
    else return
    event.preventDefault()
  }

  /** Go from stop to stop: along a route, or to the stop of the next route that is nearest in time. */
  private walk(event: KeyboardEvent): void {
    const id = (event.target as Element).getAttribute?.('data-stop')
    const to = id && this.day ? besideOf(this.day.routes, id, event.key) : undefined
    if (!to) return
    event.preventDefault()
    const [own, around] = [this.drawing.getBoundingClientRect(), this.parentElement]
    const top = own.top + to.row * ROW
    const box = around?.getBoundingClientRect()
    if (box && top < box.top + HEAD) around?.scrollBy(0, top - box.top - HEAD)
    else if (box && top + ROW > box.bottom) around?.scrollBy(0, top + ROW - box.bottom)
    if (!this.blockOf(to.stop.id)) this.draw()
    this.blockOf(to.stop.id)?.focus({ preventScroll: true })
  }

  private routeAt(clientY: number): Route | undefined {
    const box = this.drawing.getBoundingClientRect()
    const found = this.day?.routes[Math.floor((clientY - box.top) / ROW)]
    return found?.site === this.held?.from.site ? found : undefined
  }

  /** Show what moving the held stop to a route would cost. */
  private async aim(to: Route): Promise<void> {
    const held = this.held
    if (!held) return
    held.to = to
    for (const row of this.drawing.querySelectorAll('.row')) row.classList.toggle('aimed', row.getAttribute('data-route') === to.id)
    this.asked?.abort()
    if (to.id === held.from.id) return this.tell('')
    this.asked = new AbortController()
    this.tell(`To ${to.name}: …`)
    try {
      const price = await ask<Price>(`/dispatch/deliveries/${held.stop.id}/price?route_id=${encodeURIComponent(to.id)}`, this.asked.signal)
      if (this.held === held && held.to === to) this.tell(price.refused ? `To ${to.name}: ${price.refused}` : `To ${to.name}: `, price.words)
    } catch (fault) {
      if (!(fault instanceof DOMException)) this.tell(String(fault))
    }
  }

  private async drop(): Promise<void> {
    const held = this.held
    this.let()
    if (!held || held.to.id === held.from.id) return
    try {
      await post(`/dispatch/deliveries/${held.stop.id}/move`, { route_id: held.to.id })
      say(`Stop ${held.stop.number} is on ${held.to.name} now.`)
    } catch (fault) {
      say(fault instanceof Error ? fault.message : String(fault), 'refused')
    }
    await this.renew()
  }

  private let(): void {
    this.held = undefined
    this.tell('')
    for (const one of this.drawing.querySelectorAll('.held, .aimed')) one.classList.remove('held', 'aimed')
  }

  private tell(text: string, words = ''): void {
    this.told.textContent = text
    if (words) {
      const parsed = new DOMParser().parseFromString(words, 'text/html')
      this.told.append(...parsed.body.childNodes)
    }
  }
}

customElements.define('ds-timeline', Timeline)
