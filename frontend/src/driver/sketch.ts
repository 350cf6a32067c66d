// The stops as a sketch that needs no network: where they lie, in which order, and which is next. No roads: the map app of
// the phone has those.

import { TO_BRING_BACK, TO_DO, type Day, type Phase, type Stop, type Tour } from './day'
import { h } from './parts'
import { PHASES, stopRow } from './screens'

export interface Spot { x: number; y: number }
export interface Place { lat: number; lon: number }

const WIDE = 358
const HIGHEST = 460
const LOWEST = 200
const EDGE = 26
const MARK = 13
const METRES_PER_DEGREE = 111_320
const LEAST_ACROSS_M = 400
const LENGTHS_M = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]
const LONGEST_BAR = 110
const SHORT_OF_LINE = 4

/** Return where places lie on a sketch, how high it is, and how many metres a point of it stands for. */
export function laid(places: readonly Place[]): { spots: Spot[]; high: number; metres: number } {
  const lats = places.map((place) => place.lat)
  const lons = places.map((place) => place.lon)
  const middle = { lat: (Math.min(...lats) + Math.max(...lats)) / 2, lon: (Math.min(...lons) + Math.max(...lons)) / 2 }
  const narrowed = Math.cos((middle.lat * Math.PI) / 180)
  const flat = places.map(({ lat, lon }) => ({ x: (lon - middle.lon) * narrowed * METRES_PER_DEGREE, y: (middle.lat - lat) * METRES_PER_DEGREE }))
  const across = Math.max(LEAST_ACROSS_M, 2 * Math.max(...flat.map((spot) => Math.abs(spot.x))))
  const down = 2 * Math.max(...flat.map((spot) => Math.abs(spot.y)))
  const metres = Math.max(across / (WIDE - 2 * EDGE), down / (HIGHEST - 2 * EDGE))
  const high = Math.max(LOWEST, Math.ceil(down / metres) + 2 * EDGE)
  return { spots: flat.map((spot) => ({ x: WIDE / 2 + spot.x / metres, y: high / 2 + spot.y / metres })), high, metres }
}

/** Return spots moved as little as needed for each to be seen and touched: none covers another if there is room for all. */
export function apart(spots: readonly Spot[], high: number, gap = 2 * MARK): Spot[] {
  const moved = spots.map((spot) => ({ ...spot }))
  for (let round = 0; round < 120; round++) {
    let still = true
    for (const [n, one] of moved.entries()) {
      for (const other of moved.slice(n + 1)) {
        const [dx, dy] = [other.x - one.x, other.y - one.y]
        const far = Math.hypot(dx, dy)
        if (far >= gap - 0.1) continue
        still = false
        const turn = far > 0.01 ? Math.atan2(dy, dx) : n // two at the same door part in some direction
        const push = (gap - far) / 2
        one.x -= push * Math.cos(turn)
        one.y -= push * Math.sin(turn)
        other.x += push * Math.cos(turn)
        other.y += push * Math.sin(turn)
      }
    }
    for (const spot of moved) {
      spot.x = Math.min(WIDE - MARK - 2, Math.max(MARK + 2, spot.x))
      spot.y = Math.min(high - MARK - 2, Math.max(MARK + 2, spot.y))
    }
    if (still) break
  }
  return moved
}

/** Return the longest round length that a bar has room for [m]. */
export function barLength(metres: number): number {
  return LENGTHS_M.filter((length) => length / metres <= LONGEST_BAR).at(-1) ?? LENGTHS_M[0]!
}

/** Return the routes that still go somewhere, as sketches; all of them where none does. */
export function mapScreen(day: Day, stops: readonly Stop[], next: Stop | undefined): HTMLElement {
  const open = day.tours.filter((tour) => stops.some((stop) => stop.route === tour.id && TO_DO.includes(stop.phase)))
  return h('section', { class: 'maps' }, ...(open.length ? open : day.tours).map((tour) => {
    const mine = stops.filter((stop) => stop.route === tour.id)
    return h('figure', {}, h('h1', {}, tour.vehicle), sketched(tour, mine, next),
      h('figcaption', { class: 'quiet-text' }, `The house is ${tour.site}. Straight lines in the order of the stops, north is up.`))
  }), next && h('ul', { class: 'list' }, stopRow(next)))
}

function sketched(tour: Tour, stops: readonly Stop[], next: Stop | undefined): SVGElement {
  const { lat, lon } = tour
  const home = typeof lat === 'number' && typeof lon === 'number' ? [{ lat, lon }] : [] // a day kept by an older page has none
  const { spots, high, metres } = laid([...home, ...stops])
  const marks = apart(spots, high)
  const doors = home.length ? marks.slice(1) : marks
  const trueDoors = home.length ? spots.slice(1) : spots
  const [house] = home.length ? marks : []
  const legs = stops.map((stop, n) => leg(n ? doors[n - 1] : house, doors[n]!, stop === next ? 'next' : TO_DO.includes(stop.phase) ? 'ahead' : 'past'))
  const goes_home = stops.some((stop) => TO_BRING_BACK.includes(stop.phase)) && !stops.some((stop) => TO_DO.includes(stop.phase))
  const length = barLength(metres)
  return svg('svg', { class: 'sketch', viewBox: `0 0 ${WIDE} ${high}`, role: 'group', 'aria-label': `Sketch of the ${stops.length} stops of ${tour.vehicle}` },
    ...legs, leg(doors.at(-1), house, goes_home ? 'home next' : 'home'),
    ...doors.map((mark, n) => nearby(mark, trueDoors[n]!)),
    house && svg('path', { class: 'house', d: `M${house.x - 9} ${house.y + 10}v-11l9-8 9 8v11z` }),
    ...stops.map((stop, n) => marked(stop, doors[n]!, stop === next)),
    svg('path', { class: 'bar-of-length', d: `M10 ${high - 14}v4h${length / metres}v-4` }),
    svg('text', { class: 'length', x: 16 + length / metres, y: high - 9 }, length < 1_000 ? `${length} m` : `${length / 1_000} km`))
}

function leg(from: Spot | undefined, to: Spot | undefined, kind: string): SVGElement | undefined {
  return from && to && svg('path', { class: `leg ${kind}`, d: `M${from.x} ${from.y}L${to.x} ${to.y}` })
}

/** Return a thread from a mark to where the door really is, if it had to make room. */
function nearby(mark: Spot, door: Spot): SVGElement | undefined {
  if (Math.hypot(mark.x - door.x, mark.y - door.y) < SHORT_OF_LINE) return undefined
  return svg('g', { class: 'thread' }, svg('path', { d: `M${mark.x} ${mark.y}L${door.x} ${door.y}` }), svg('circle', { cx: door.x, cy: door.y, r: 2.5 }))
}

const SIGNS: Partial<Record<Phase, string>> = { done: '✓', not_done: '↩', returning: '↩', returned: '✓', lost: '–', off: '–' }

function marked(stop: Stop, { x, y }: Spot, is_next: boolean): SVGElement {
  const who = stop.name || `order ${stop.code}`
  const words = `${is_next ? 'Next: stop' : 'Stop'} ${stop.number}, ${who}, ${stop.phase === 'ahead' ? `about ${stop.arrive}` : PHASES[stop.phase]}`
  return svg('a', { href: `#stop-${stop.id}`, class: `door ${stop.phase}${is_next ? ' next' : ''}`, 'aria-label': words },
    svg('circle', { cx: x, cy: y, r: is_next ? MARK + 4 : MARK }),
    svg('text', { x, y: y + 0.5 }, SIGNS[stop.phase] ?? String(stop.number)))
}

function svg(tag: string, given: Record<string, string | number>, ...children: (Node | string | undefined | false)[]): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(given)) made.setAttribute(name, typeof value === 'number' ? String(Math.round(value * 10) / 10) : value)
  made.append(...children.filter((child): child is Node | string => Boolean(child)))
  return made
}
