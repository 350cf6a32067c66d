// What could not be delivered goes back to the site: which parcels, where to, and each ticked off there. And the end.

import { TO_BRING_BACK, type Day, type Stop, type Tour } from './day'
import { h, labelField, many, newsOf, parcelLine, ssccIn, wayTo } from './parts'
import { PHASES } from './screens'

export interface WayBack {
  day: Day
  stops: readonly Stop[]
  /** Labels that were scanned at the site already, of deliveries that are not whole there. */
  ticked: ReadonlySet<string>
  /** Keep that a parcel is there. */
  tick(stop: Stop, sscc: string): Promise<void>
  /** Tell that all of a delivery is there. */
  brought(stop: Stop): Promise<void>
  /** Tell that these are on their way. */
  setOut(stops: readonly Stop[]): void
}

/** Return those of the stops whose parcels have to go back. */
export function toBringBack(stops: readonly Stop[]): Stop[] {
  return stops.filter((stop) => TO_BRING_BACK.includes(stop.phase))
}

/** Return whose parcel a label is on, of those that have to go back, and whether it is the last of its delivery to be there. */
export function labelled(stops: readonly Stop[], ticked: ReadonlySet<string>, text: string): { stop: Stop; sscc: string; last: boolean } | undefined {
  const sscc = ssccIn(text)
  const stop = sscc ? stops.find((one) => one.parcels.some((box) => box.sscc === sscc)) : undefined
  return stop && { stop, sscc, last: stop.parcels.every((box) => box.sscc === sscc || ticked.has(box.sscc)) }
}

/** Return the screen of what has to go back, route by route. */
export function backScreen(at: WayBack): HTMLElement {
  const back = toBringBack(at.stops)
  const parcels = back.reduce((sum, stop) => sum + stop.parcels.length, 0)
  const news = newsOf()
  const read = async (text: string): Promise<void> => {
    const found = labelled(back, at.ticked, text)
    navigator.vibrate?.(found ? 60 : [80, 60, 80])
    if (!found) return news.say('This label is of nothing that has to go back.')
    await at.tick(found.stop, found.sscc).catch((error: unknown) => news.say(`Nothing was kept: ${String(error)}`))
    if (found.last) await at.brought(found.stop)
  }
  const has_labels = back.some((stop) => stop.parcels.some((box) => box.sscc))
  return h('section', { class: 'stop back' },
    h('h1', {}, `Bring back ${many(parcels, 'parcel')}`),
    has_labels && h('section', { class: 'part' }, labelField(read, news.say), news.shown),
    ...at.day.tours.flatMap((tour) => ofTour(at, tour, back.filter((stop) => stop.route === tour.id))),
    h('p', { class: 'quiet-text' }, 'Is one missing? Leave it here, and tell the desk.'))
}

function ofTour(at: WayBack, tour: Tour, back: readonly Stop[]): Node[] {
  if (!back.length) return []
  const { lat, lon } = tour
  const way = lat !== null && lon !== null && h('a', {
    class: 'button', href: wayTo(lat, lon), onclick: () => at.setOut(back.filter((stop) => stop.phase === 'not_done')),
  }, 'Navigate')
  return [
    h('div', { class: 'row to' }, h('p', { class: 'address' }, `To ${tour.site}`), way),
    h('ul', { class: 'stack' }, ...back.map((stop) => h('li', { class: 'part' },
      h('p', { class: 'when' }, h('strong', {}, `Order ${stop.code}`), h('span', {}, `stop ${stop.number}`), stop.phase === 'returning' && h('span', { class: 'tag' }, PHASES[stop.phase])),
      h('ul', { class: 'boxes' }, ...stop.parcels.map((box) => parcelLine(box.sscc, box.weight, at.ticked.has(box.sscc)))),
      h('button', { class: 'brought', onclick: () => void at.brought(stop) }, 'Brought back')))),
  ]
}

/** Return what is seen when nothing is left to do. */
export function endScreen(stops: readonly Stop[]): HTMLElement {
  const counted = (['done', 'returned', 'lost', 'off'] as const).map((phase) => [PHASES[phase], stops.filter((stop) => stop.phase === phase).length] as const)
  return h('section', { class: 'stop end' },
    h('h1', {}, 'All stops are done'),
    h('dl', { class: 'access' }, ...counted.filter(([, number]) => number > 0).map(([words, number]) => h('div', {}, h('dt', {}, words), h('dd', {}, String(number))))),
    h('p', {}, `${stops.some((stop) => stop.phase === 'returned') ? 'All that had to go back is there.' : 'Nothing has to go back.'} Drive home safely.`))
}
