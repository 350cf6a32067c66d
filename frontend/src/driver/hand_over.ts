// The screen of a hand-over: what was scanned, photographed, signed and checked is kept at once, before it is done.

import type { Stop } from './day'
import { h, labelField, newId, newsOf, parcelLine, shrunk, ssccIn } from './parts'
import type { Proof, ProofKind } from './queue'
import { Pad } from './signature'

export interface HandOver {
  stop: Stop
  proofs: Proof[]
  /** Who takes it instead; it is kept over the showings of the screen. */
  neighbour: { name: string; number: string }
  keep(proof: Proof): Promise<void>
  forget(proof: Proof): Promise<void>
  done(neighbour: { name: string; number: string } | null): Promise<void>
  tooYoung(): void
  /** Whether a PIN is the shopper's; undefined without a network. */
  tryPin(pin: string): Promise<'right' | 'wrong' | 'locked' | undefined>
}

const IN_PERSON = ['signature', 'age_restricted']

/** Return the screen; each change of what is kept shows it anew. */
export function handOver(at: HandOver): HTMLElement {
  const { shown: fault, say } = newsOf()
  const guarded = (act: () => Promise<void>) => () => void act().catch((error: unknown) => say(error instanceof Error ? error.message : String(error)))
  const of = (kind: ProofKind) => at.proofs.filter((proof) => proof.kind === kind)
  const proof = (kind: ProofKind, media: string, bytes: ArrayBuffer | null, id = newId('prf')): Proof => ({
    id, delivery: at.stop.id, kind, media, bytes, sent: false,
  })
  const who = neighbour(at)
  const finish = guarded(async () => {
    const missing = lacking(at, who.value() !== null)
    if (missing) return say(missing)
    await at.done(who.value())
  })
  return h('section', { class: 'stop' },
    h('h1', {}, `Hand over to ${at.stop.name || `order ${at.stop.code}`}`),
    scans(at, say, (sscc) => at.keep(proof('barcode', '', null, `sscc_${sscc}`))),
    at.stop.wants.includes('pin') && pins(at, of('pin'), guarded, async (pin) => {
      const verdict = await at.tryPin(pin)
      if (verdict === 'wrong') return say('This is not the PIN of this order. Ask the shopper to look at their page or message again.')
      if (verdict === 'locked') return say('Five wrong PINs were told. Call the desk, or choose Could not.')
      say('')
      await at.keep(proof('pin', 'application/json', encoded([pin])))
    }),
    at.stop.wants.includes('age_restricted') && ages(at, of('age'), guarded, () =>
      at.keep(proof('age', '', null, `age_passed${at.stop.id.replace(/^\w+_/, '')}`))),
    photos(at, of('photo'), guarded, async (file) => at.keep(proof('photo', 'image/jpeg', await shrunk(file)))),
    signatures(at, of('signature'), guarded, async (pad) => {
      await at.keep(proof('signature', 'application/json', encoded(pad.strokes)))
      await at.keep(proof('signature', 'image/png', await pad.picture()))
    }),
    who.shown,
    fault,
    h('div', { class: 'act' },
      h('button', { class: 'primary', type: 'button', onclick: finish }, who.shown ? 'Handed over' : 'Delivered'),
      h('a', { class: 'button', href: `#fail-${at.stop.id}` }, 'Could not')),
  )
}

/** Return what is still needed, empty if nothing is. */
function lacking(at: HandOver, next_door: boolean): string {
  const has = (kind: ProofKind) => at.proofs.some((proof) => proof.kind === kind)
  if (at.stop.wants.includes('signature') && !has('signature')) return 'This order has to be signed for.'
  if (at.stop.wants.includes('age_restricted') && !has('age')) return 'Check the age first: these goods are not for everybody.'
  if (at.stop.wants.includes('pin') && !has('pin')) return 'Ask for the PIN first.'
  if (next_door && !has('photo') && !has('signature')) return 'What a neighbour takes needs a photo or a signature.'
  return ''
}

function encoded(value: unknown): ArrayBuffer {
  return new TextEncoder().encode(JSON.stringify(value)).buffer
}

type Guarded = (act: () => Promise<void>) => () => void

function scans(at: HandOver, say: (text: string) => void, take: (sscc: string) => Promise<void>): HTMLElement | false {
  const labelled = at.stop.parcels.filter((box) => box.sscc)
  if (!labelled.length) return false
  const has = new Set(at.proofs.filter((one) => one.kind === 'barcode').map((one) => one.id.slice('sscc_'.length)))
  const read = async (text: string): Promise<void> => {
    const sscc = ssccIn(text)
    if (!labelled.some((box) => box.sscc === sscc)) {
      navigator.vibrate?.([80, 60, 80])
      return say('This label is of no parcel of this stop.')
    }
    navigator.vibrate?.(60)
    await take(sscc)
  }
  return h('section', { class: 'part' },
    h('h2', {}, `Parcels: ${has.size} of ${labelled.length} scanned`),
    h('ul', { class: 'boxes' }, ...labelled.map((box) => parcelLine(box.sscc, box.weight, has.has(box.sscc)))),
    has.size < labelled.length && labelField(read, say))
}

function photos(at: HandOver, has: Proof[], guarded: Guarded, take: (file: File) => Promise<void>): HTMLElement {
  const field = h('input', { type: 'file', accept: 'image/*', capture: 'environment', id: 'photo', class: 'unseen' })
  field.addEventListener('change', guarded(async () => { if (field.files?.[0]) await take(field.files[0]) }))
  return h('section', { class: 'part' },
    h('h2', {}, 'Photo'),
    h('div', { class: 'shots' }, ...has.map((one) => shot(one, 'Photo', guarded(() => at.forget(one))))),
    field, h('label', { for: 'photo', class: 'button' }, has.length ? 'Another photo' : 'Take a photo'))
}

function shot(one: Proof, words: string, remove: () => void): HTMLElement {
  const src = URL.createObjectURL(new Blob([one.bytes ?? new ArrayBuffer(0)], { type: one.media }))
  const picture = h('img', { src, alt: words, onload: () => URL.revokeObjectURL(src) })
  return h('figure', {}, picture, h('button', { type: 'button', class: 'quiet', onclick: remove }, `Remove ${words.toLowerCase()}`))
}

function signatures(at: HandOver, has: Proof[], guarded: Guarded, take: (pad: Pad) => Promise<void>): HTMLElement {
  const picture = has.find((one) => one.media === 'image/png')
  const remove = guarded(async () => { for (const one of has) await at.forget(one) })
  if (picture) return h('section', { class: 'part' }, h('h2', {}, 'Signature'), h('div', { class: 'shots' }, shot(picture, 'Signature', remove)))
  const keep = h('button', { type: 'button', disabled: true }, 'Keep signature')
  const pad = new Pad(() => (keep.disabled = !pad.strokes.length))
  keep.addEventListener('click', guarded(() => take(pad)))
  return h('details', { class: 'part', open: at.stop.wants.includes('signature') },
    h('summary', { onclick: () => requestAnimationFrame(() => pad.canvas.scrollIntoView({ block: 'center' })) }, h('h2', {}, 'Signature')), pad.canvas,
    h('div', { class: 'row' }, keep, h('button', { type: 'button', class: 'quiet', onclick: () => pad.clear() }, 'Clear')))
}

function pins(at: HandOver, has: Proof[], guarded: Guarded, take: (pin: string) => Promise<void>): HTMLElement {
  const [known] = has
  const field = h('input', { id: 'pin', inputmode: 'numeric', pattern: '[0-9]{4}', maxlength: '4', required: true, autocomplete: 'off' })
  const kept = guarded(() => take(field.value))
  return h('section', { class: 'part' }, h('h2', {}, 'PIN'), known
    ? h('p', {}, 'The PIN is noted. ', h('button', { type: 'button', class: 'quiet', onclick: guarded(() => at.forget(known)) }, 'Ask again'))
    : h('form', { class: 'row', onsubmit: (event) => { event.preventDefault(); kept() } },
      h('label', { for: 'pin', class: 'wide' }, 'Four digits that the shopper tells you', field), h('button', {}, 'Check')))
}

function ages(at: HandOver, has: Proof[], guarded: Guarded, take: () => Promise<void>): HTMLElement {
  const [known] = has
  return h('section', { class: 'part' }, h('h2', {}, 'Age check'), known
    ? h('p', {}, 'Old enough. ', h('button', { type: 'button', class: 'quiet', onclick: guarded(() => at.forget(known)) }, 'Take back'))
    : h('div', {}, h('p', {}, 'Look at a document of the person who takes it. Only the result is kept.'),
      h('div', { class: 'row' }, h('button', { type: 'button', onclick: guarded(take) }, 'Old enough'),
        h('button', { type: 'button', onclick: () => at.tooYoung() }, 'Too young'))))
}

function neighbour(at: HandOver): { shown: HTMLElement | false; value(): { name: string; number: string } | null } {
  if (!at.stop.neighbour_ok || at.stop.wants.some((word) => IN_PERSON.includes(word))) return { shown: false, value: () => null }
  const given = at.neighbour
  const name = h('input', { id: 'neighbour', maxlength: '200', value: given.name, oninput: () => (given.name = name.value) })
  const number = h('input', { id: 'house', maxlength: '200', value: given.number, oninput: () => (given.number = number.value) })
  return {
    shown: h('details', { class: 'part', open: Boolean(given.name || given.number) }, h('summary', {}, h('h2', {}, 'A neighbour takes it')),
      h('div', { class: 'stack' }, h('label', { for: 'neighbour' }, 'Name on the door', name), h('label', { for: 'house' }, 'House or flat', number))),
    value: () => (name.value.trim() || number.value.trim() ? { name: name.value.trim() || '-', number: number.value.trim() || '-' } : null),
  }
}
