// The day as the server tells it, and how far its stops are once what is not sent yet is counted in.

import type { Fact } from './queue'

export interface Box { sscc: string; weight: string; requires: string[] }
export type Phase = 'ahead' | 'on_the_way' | 'there' | 'done' | 'not_done' | 'returning' | 'returned' | 'lost' | 'off'
export interface Stop {
  id: string; route: string; number: number; code: string; phase: Phase; lat: number; lon: number; arrive: string; window: string
  name: string; phone: string; lines: string[]; access: [string, string][]; note: string; wishes: string[]; call: boolean
  wants: string[]; neighbour_ok: boolean; parcels: Box[]
}
export interface Tour {
  id: string; vehicle: string; site: string; lat: number | null; lon: number | null; starts: string; state: string; stops: number; parcels: number
}
export interface Day {
  person: { id: string; name: string }
  csrf: string
  /** From then on nothing about shoppers stays here [s since 1970]. */
  kept_until: number
  reasons: { code: string; words: string }[]
  tours: Tour[]
  stops: Stop[]
}

const AFTER: Partial<Record<Fact['type'], Phase>> = {
  start_to_dropoff: 'on_the_way', arrive_at_dropoff: 'there', deliver: 'done', attempt: 'not_done',
  start_return: 'returning', take_back: 'returned',
}
const STATES: Record<string, Phase> = {
  en_route_to_dropoff: 'on_the_way', at_dropoff: 'there', delivered: 'done', attempted: 'not_done',
  returning: 'returning', at_return: 'returning', returned: 'returned', abandoned: 'lost',
}
export const TO_DO: readonly Phase[] = ['ahead', 'on_the_way', 'there']
/** What could not be delivered and is not at the site again. */
export const TO_BRING_BACK: readonly Phase[] = ['not_done', 'returning']

/** Return the stops as they are by what was told here and not sent yet, also what was refused: it has happened. */
export function standing(stops: readonly Stop[], facts: readonly Fact[]): Stop[] {
  return stops.map((stop) => {
    const mine = facts.filter((fact) => fact.delivery === stop.id)
    const phase = mine.reduce<Phase>((before, fact) => AFTER[fact.type] ?? before, stop.phase)
    return { ...stop, phase, call: stop.call && !mine.some((fact) => fact.type === 'call') }
  })
}

/** Return a stop whose delivery has a state that the server has just told; whose door it was is forgotten where it is done. */
export function inState(stop: Stop, state: string): Stop {
  const phase = STATES[state] ?? stop.phase
  const nobody = { name: '', phone: '', lines: [], access: [], note: '', wishes: [] }
  return { ...stop, phase, ...(TO_DO.includes(phase) ? {} : nobody) }
}

/** Return a day without anybody's door once its time is over; whose phone it is stays, so that what waits can be sent. */
export function within(day: Day, now: number): Day {
  return day.kept_until * 1000 > now ? day : { ...day, tours: [], stops: [] }
}

/** Return the stop to show first: where the van stands, else the first that lies ahead. */
export function nextStop(stops: readonly Stop[]): Stop | undefined {
  const left = stops.filter((stop) => TO_DO.includes(stop.phase))
  return left.find((stop) => stop.phase === 'there') ?? left[0]
}

/** Return what the driver reads about what is kept here: how much waits, and why. */
export function barWords(waiting: number, refused: number, stopped: string, online: boolean): string {
  const most = waiting ? `Saved here, ${waiting} waiting to send.` : 'Everything is sent.'
  const why = !online || stopped === 'offline' ? ' No network.' : stopped === 'signed_out' ? ' Sign in again to send.' : ''
  const not = refused ? ` ${refused} not taken.` : ''
  return `${most}${waiting || !online ? why : ''}${not}`
}
