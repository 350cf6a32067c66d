// The driver's screens but the hand-over: the next stop, all stops, why it could not be, and what was not taken.

import { TO_BRING_BACK, TO_DO, type Day, type Phase, type Stop, type Tour } from './day'
import { h, many, parcelLine, wayTo } from './parts'
import type { Fact } from './queue'

export const PHASES: Record<Phase, string> = {
  ahead: 'ahead', on_the_way: 'on the way', there: 'you are there', done: 'delivered', not_done: 'not delivered',
  returning: 'on its way back', returned: 'brought back', lost: 'given up', off: 'called off',
}
export const SAID: Record<Fact['type'], string> = {
  call: 'Called', start_to_dropoff: 'On the way', arrive_at_dropoff: 'Arrived', deliver: 'Delivered', attempt: 'Not delivered',
  start_return: 'On the way back', take_back: 'Brought back',
}

export interface AtStop {
  tell(type: Fact['type'], held?: number): void
}

/** Return the stop that fills the screen. */
export function stopScreen(stop: Stop, at: AtStop): HTMLElement {
  const open = TO_DO.includes(stop.phase)
  return h('article', { class: 'stop' },
    h('p', { class: 'when' }, h('strong', {}, `Stop ${stop.number}`), h('span', {}, stop.window), h('span', { class: `tag ${stop.phase}` }, stop.phase === 'ahead' ? `about ${stop.arrive}` : PHASES[stop.phase])),
    h('h1', {}, stop.name || `Order ${stop.code}`),
    h('p', { class: 'address' }, stop.lines.join('\n')),
    stop.access.length > 0 && h('dl', { class: 'access' }, ...stop.access.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
    ...[stop.note, ...stop.wishes].map((text) => text && h('p', { class: 'notes' }, text)),
    h('h2', {}, many(stop.parcels.length, 'parcel') + (open ? ' to take' : '')),
    h('ul', { class: 'boxes' }, ...stop.parcels.map((box) =>
      parcelLine(box.sscc, [box.weight, ...box.requires.map((word) => word.replaceAll('_', ' '))].join(', ')))),
    stop.wants.length > 0 && h('p', { class: 'quiet-text' }, `Asked for: ${stop.wants.map((word) => word.replaceAll('_', ' ')).join(', ')}.`),
    open && h('div', { class: 'ways' },
      h('a', { class: 'button', href: wayTo(stop.lat, stop.lon), onclick: () => stop.phase === 'ahead' && at.tell('start_to_dropoff', 0) }, 'Navigate'),
      stop.phone !== '' && h('a', { class: 'button', href: `tel:${stop.phone}` }, 'Call')),
    open && h('div', { class: 'act' }, ...nextStep(stop, at)),
  )
}

function nextStep(stop: Stop, at: AtStop): Node[] {
  const could_not = h('a', { class: 'button', href: `#fail-${stop.id}` }, 'Could not')
  if (stop.call) return [h('button', { class: 'primary', onclick: () => at.tell('call', 0) }, 'I have called'), could_not]
  if (stop.phase !== 'there') return [h('button', { class: 'primary', onclick: () => at.tell('arrive_at_dropoff') }, 'I am there'), could_not]
  return [h('a', { class: 'button primary', href: `#done-${stop.id}` }, 'Hand over'), could_not]
}

/** Return a stop as a line of a list, which leads to it. */
export function stopRow(stop: Stop): HTMLElement {
  return h('li', { class: stop.phase }, h('a', { href: `#stop-${stop.id}` },
    h('span', { class: 'count' }, String(stop.number)),
    h('span', {}, h('strong', {}, stop.name || `Order ${stop.code}`), ` ${stop.lines.join(', ')}`),
    h('span', { class: 'tag' }, stop.phase === 'ahead' ? stop.arrive : PHASES[stop.phase])))
}

/** Return all stops in their order, and what has to go back after them. */
export function listScreen(day: Day, stops: readonly Stop[]): HTMLElement {
  const of = (route: string) => stops.filter((stop) => stop.route === route)
  return h('section', {}, ...day.tours.flatMap((tour) => [
    h('h1', {}, tour.vehicle),
    h('p', { class: 'quiet-text' }, `From ${tour.site} at ${tour.starts}: ${of(tour.id).length} stops, ${tour.parcels} parcels.`),
    h('ol', { class: 'list' }, ...of(tour.id).map(stopRow), wayHome(tour, of(tour.id))),
  ]))
}

function wayHome(tour: Tour, stops: readonly Stop[]): HTMLElement | false {
  const parcels = stops.filter((stop) => TO_BRING_BACK.includes(stop.phase)).flatMap((stop) => stop.parcels)
  return parcels.length > 0 && h('li', { class: 'home' }, h('a', { href: '#back' }, h('span', { class: 'count' }, '↩'),
    h('span', {}, h('strong', {}, `Bring back ${many(parcels.length, 'parcel')}`), ` To ${tour.site}`)))
}

/** Return the question why a stop could not be done. */
export function failScreen(day: Day, stop: Stop, first: string, done: (reason: string, note: string) => void): HTMLElement {
  const note = h('textarea', { id: 'note', rows: '2', maxlength: '1000' })
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true }, 'Choose why.')
  const form = h('form', { class: 'stop', onsubmit: (event) => {
    event.preventDefault()
    const reason = form.querySelector<HTMLInputElement>('input[name=reason]:checked')?.value
    if (reason) done(reason, note.value.trim())
    fault.hidden = Boolean(reason)
  } },
    h('h1', {}, `Not delivered to ${stop.name || `order ${stop.code}`}`),
    h('fieldset', { class: 'reasons' }, h('legend', {}, 'Why'), ...day.reasons.map(({ code, words }) =>
      h('label', {}, h('input', { type: 'radio', name: 'reason', value: code, checked: code === first }), h('span', {}, words)))),
    h('label', { for: 'note' }, 'Note for the desk', note), fault,
    h('div', { class: 'act' }, h('button', { class: 'primary' }, 'Not delivered'), h('a', { class: 'button', href: '#' }, 'Back')))
  return form
}

/** Return what was told here and not taken, and what can be done about it. */
export function keptScreen(facts: readonly Fact[], name: (delivery: string) => string, again: (fact: Fact) => void, drop: (fact: Fact) => void): HTMLElement {
  return h('section', { class: 'stack' }, h('h1', {}, 'Kept on this phone'),
    facts.length === 0 && h('p', { class: 'empty' }, 'Everything is sent.'),
    h('ul', { class: 'stack' }, ...facts.map((fact) => h('li', { class: 'card' },
      h('p', {}, h('strong', {}, `${SAID[fact.type]}: ${name(fact.delivery)}`)),
      h('p', { class: 'quiet-text' }, `${new Date(fact.occurred_at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}${fact.proofs.length ? `, ${many(fact.proofs.length, 'proof')}` : ''}. ${fact.refused ? `Not taken: ${fact.refused}` : 'Waiting to be sent.'}`),
      fact.refused !== '' && h('div', { class: 'row' }, h('button', { onclick: () => again(fact) }, 'Send again'), h('button', { class: 'quiet', onclick: () => drop(fact) }, 'Forget it'))))))
}
