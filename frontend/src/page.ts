// What the elements ask of the page and the server.

/** Return the word that everything which changes something must carry. */
export function csrf(): string {
  return document.querySelector<HTMLMetaElement>('meta[name=csrf]')?.content ?? ''
}

/** Return what the server answers to a question. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(path, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) })
  if (!answer.ok) throw await refusal(answer)
  return (await answer.json()) as T
}

/** Do something and return what the server answers. */
export async function act<T>(path: string, body: unknown = {}, method = 'POST'): Promise<T> {
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-csrf-token': csrf() }
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body) })
  if (!answer.ok) throw await refusal(answer)
  return (answer.status === 204 ? undefined : await answer.json()) as T
}

/** Post a form as a page does; what is refused comes as a problem. */
export async function post(path: string, fields: Record<string, string>): Promise<void> {
  const body = new URLSearchParams({ csrf: csrf(), ...fields })
  const answer = await fetch(path, { method: 'POST', headers: { accept: 'application/json' }, body })
  if (!answer.ok) throw await refusal(answer)
}

/** What the server refused, in its own words. */
export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message)
  }
}

async function refusal(answer: Response): Promise<Refused> {
  const told = (await answer.json().catch(() => ({}))) as { detail?: string; hint?: string; code?: string }
  const words = [told.detail ?? `The server answered ${answer.status}.`, told.hint].filter(Boolean).join(' ')
  return new Refused(answer.status, told.code ?? '', words)
}

/** Tell people something without moving them away from what they do. */
export function say(text: string, kind: 'done' | 'refused' = 'done'): void {
  let place = document.querySelector<HTMLElement>('#said')
  if (!place) {
    place = Object.assign(document.createElement('p'), { id: 'said' })
    place.setAttribute('role', 'status')
    document.querySelector('main')?.before(place)
  }
  place.className = `said ${kind}`
  place.textContent = text
}
