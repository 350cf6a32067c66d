// How facts, proofs and the day go to and from the server.

import type { Day } from './day'
import { meaning, type Answer, type Fact, type Proof, type Wire } from './queue'

const PATIENCE_MS = 30_000

export type DayAnswer = { kind: 'day'; day: Day } | { kind: 'offline' } | { kind: 'signed_out' } | { kind: 'later' } | { kind: 'refused' }

export async function fetchDay(): Promise<DayAnswer> {
  const answer = await reached('/driver/day', {})
  if (!answer) return { kind: 'offline' }
  if (answer.ok) return { kind: 'day', day: (await answer.json()) as Day }
  if (answer.status === 403) return { kind: 'refused' }
  return { kind: answer.status === 0 || answer.status === 401 ? 'signed_out' : 'later' }
}

export class Line implements Wire {
  constructor(private csrf: string, private readonly person: string) {}

  upload(proof: Proof): Promise<Answer> {
    const path = `/driver/stops/${proof.delivery}/proofs/${proof.id}`
    return this.send(path, { method: 'PUT', headers: { 'content-type': proof.media }, body: proof.bytes })
  }

  tell(fact: Fact): Promise<Answer> {
    const { id, type, occurred_at, reason, note, neighbour, proofs } = fact
    const body = JSON.stringify({ event_id: id, source: 'driver-page', type, occurred_at, reason, note, neighbour, proofs })
    return this.send(`/driver/stops/${fact.delivery}/facts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  }

  private async send(path: string, asked: RequestInit): Promise<Answer> {
    let answer = await this.once(path, asked)
    if (answer?.status === 403) { // signed in anew since: the word of the session is another one
      const known = await fetchDay()
      if (known.kind !== 'day') return known.kind === 'offline' ? { kind: 'offline' } : { kind: 'signed_out' }
      if (known.day.person.id !== this.person) return { kind: 'signed_out' } // somebody else has signed in here
      this.csrf = known.day.csrf
      answer = await this.once(path, asked)
    }
    if (!answer) return { kind: 'offline' }
    const told = (await answer.json().catch(() => ({}))) as { state?: string; detail?: string; hint?: string }
    return meaning(answer.status, told.state ?? '', [told.detail ?? `The server answered ${answer.status}.`, told.hint].filter(Boolean).join(' '))
  }

  private once(path: string, asked: RequestInit): Promise<Response | undefined> {
    return reached(path, { ...asked, headers: { ...asked.headers, 'x-csrf-token': this.csrf } })
  }
}

/** Return whether a PIN is the shopper's; undefined where the server does not say, so that it is compared later. */
export async function tryPin(delivery: string, pin: string, csrf: string): Promise<'right' | 'wrong' | 'locked' | undefined> {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf }
  const answer = await reached(`/driver/stops/${delivery}/pin`, { method: 'POST', headers, body: JSON.stringify({ pin }) }, 8_000)
  return answer?.ok ? ((await answer.json()) as { verdict: 'right' | 'wrong' | 'locked' }).verdict : undefined
}

/** Return the answer of the server, undefined if it is not reached; a redirect has the status 0. */
function reached(path: string, asked: RequestInit, patience = PATIENCE_MS): Promise<Response | undefined> {
  return fetch(path, { ...asked, redirect: 'manual', signal: AbortSignal.timeout(patience) }).catch(() => undefined)
}
