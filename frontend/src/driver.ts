// <ds-driver>: the driver's page. What it shows lies on the phone, what is done at a door is kept there first, and all of
// it is sent when there is a network: at the start, when the page is looked at, and when the phone is online again.

import { backScreen, endScreen, toBringBack } from './driver/back'
import { barWords, nextStop, standing, TO_DO, within, type Day, type Stop } from './driver/day'
import { handOver } from './driver/hand_over'
import { h, newId, put } from './driver/parts'
import { Queue, type Fact, type NewFact, type Proof, type Stopped } from './driver/queue'
import { failScreen, keptScreen, listScreen, SAID, stopScreen } from './driver/screens'
import { KeptShelf } from './driver/shelf'
import { mapScreen } from './driver/sketch'
import { fetchDay, Line, tryPin } from './driver/wire'

const RENEW_MS = 60_000
const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 60_000
const ENDS = ['deliver', 'attempt', 'take_back']
/** Before the number of a parcel that is at the site again: at the door its label had another name. */
const BROUGHT = 'back_'

class Driver extends HTMLElement {
  private shelf!: KeptShelf
  private queue: Queue | undefined
  private day: Day | undefined
  private facts: Fact[] = []
  private stopped: Stopped = ''
  private trouble = ''
  private running = false
  private renewed = 0
  private nextTry = 0
  private wait = FIRST_WAIT_MS
  private first = ''
  private turn = 0
  private shown = ''
  private neighbour = { name: '', number: '' }
  private readonly bar = h('div', { class: 'bar' })
  private readonly words = h('span', { role: 'status' })
  private readonly link = h('a', { href: '#kept' }, this.words)
  private readonly undo = h('button', { class: 'undo', hidden: true, onclick: () => void this.takeBack() })
  private readonly place = h('div', { class: 'screen' })
  private readonly head = h('header', { class: 'run' })
  private readonly word = h('input', { type: 'hidden', name: 'csrf' })
  private readonly out = h('form', { class: 'out', hidden: true, method: 'post', action: '/sign-out', onsubmit: (event) => void this.signOut(event) },
    this.word, h('button', { class: 'quiet' }, 'Sign out'))

  connectedCallback(): void {
    void this.start().catch((error: unknown) => this.say(`This phone keeps nothing: ${String(error)}`))
  }

  private async start(): Promise<void> {
    this.shelf = await KeptShelf.open()
    const day = await this.shelf.day()
    if (day) this.take(day)
    this.bar.append(this.link, this.undo)
    this.replaceChildren(this.head, this.bar, this.place, this.out)
    await this.show()
    window.addEventListener('hashchange', () => void this.show())
    for (const name of ['online', 'focus']) window.addEventListener(name, () => this.hurry())
    document.addEventListener('visibilitychange', () => !document.hidden && this.hurry())
    window.addEventListener('offline', () => this.showBar())
    window.setInterval(() => this.tick(), 1000)
    this.dataset['ready'] = 'yes'
    void navigator.storage?.persist?.()
    void navigator.serviceWorker?.register('/driver/sw.js', { scope: '/driver' }).then(wakeable).catch(() => undefined)
    await this.sync()
  }

  private take(day: Day): void {
    if (this.day?.person.id !== day.person.id || this.day.csrf !== day.csrf) this.queue = new Queue(this.shelf, new Line(day.csrf, day.person.id), day.person.id)
    this.day = day
  }

  /** Let go of doors whose time is over, also while the page stays open. */
  private async expire(): Promise<void> {
    this.day = await this.shelf.day()
    await this.show()
  }

  private hurry(): void {
    this.nextTry = this.renewed = 0
    this.wait = FIRST_WAIT_MS
    void this.sync()
  }

  private tick(): void {
    this.showUndo()
    const now = Date.now()
    if (this.day && within(this.day, now).stops.length < this.day.stops.length) void this.expire()
    const due = this.facts.some((fact) => !fact.refused && fact.due <= now)
    if (now >= this.nextTry && (due || now - this.renewed > RENEW_MS) && !document.hidden) void this.sync()
  }

  /** Send what waits, then fetch the day; one after the other, so that no older day comes after a newer fact. */
  private async sync(): Promise<void> {
    if (this.running) return
    this.running = true
    try {
      if (this.queue) {
        const queue = this.queue
        this.stopped = await navigator.locks.request('doorstep-driver', { ifAvailable: true }, (lock) => (lock ? queue.flush() : 'later'))
      }
      await this.renew()
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error))
    } finally {
      this.running = false
      this.nextTry = Date.now() + (this.stopped ? this.wait : 0)
      this.wait = this.stopped ? Math.min(2 * this.wait, LONGEST_WAIT_MS) : FIRST_WAIT_MS
      await this.show(true)
    }
  }

  private async renew(): Promise<void> {
    if (this.stopped === 'offline') return
    const answer = await fetchDay()
    this.trouble = ''
    if (answer.kind === 'day') {
      this.renewed = Date.now()
      if (this.day && this.day.person.id !== answer.day.person.id) this.renewed = 0 // whoever comes next sends their own first
      this.take(answer.day)
      await this.shelf.keepDay(answer.day)
    } else if (answer.kind === 'refused') this.trouble = 'Your role has no routes: ask an administrator for the role driver.'
    else this.stopped = answer.kind
  }

  /** Show where we are; in the background what somebody is filling in stays as it is. */
  private async show(background = false): Promise<void> {
    const [what = '', id = ''] = location.hash.slice(1).split(/-(.*)/)
    const filling = ['done', 'fail'].includes(what) || this.place.querySelector<HTMLInputElement>('#scan')?.value
    const stays = background && filling && this.place.firstChild !== null
    const turn = stays ? 0 : ++this.turn // what was asked for later is shown, however long an earlier one takes
    this.facts = (await this.queue?.mine()) ?? []
    const stops = standing(this.day?.stops ?? [], this.facts)
    this.showBar(stops)
    if (turn !== this.turn) return
    const stop = stops.find((one) => one.id === id) ?? nextStop(stops)
    const screen = await this.screen(what, stop, stops)
    if (turn !== this.turn || (background && screen.isEqualNode(this.place.firstChild))) return
    put(this.place, screen)
    const shown = `${what}-${stop?.id}`
    if (shown !== this.shown) scrollTo(0, 0)
    this.shown = shown
  }

  private async screen(what: string, stop: Stop | undefined, stops: Stop[]): Promise<Node> {
    const { day } = this
    const name = (id: string) => stops.find((one) => one.id === id)?.name || `stop ${stops.find((one) => one.id === id)?.number ?? ''}`
    if (what === 'kept') return keptScreen(this.facts, name, (fact) => void this.again(fact), (fact) => void this.forget(fact))
    if (!day) return this.nothing(this.trouble || (this.stopped === 'signed_out' ? '' : 'No route is kept on this phone yet. It comes as soon as there is a network.'))
    if (what === 'list') return listScreen(day, stops)
    if (what === 'map') return mapScreen(day, stops, nextStop(stops))
    if (toBringBack(stops).length && (what === 'back' || !stop)) return this.wayBack(day, stops)
    if (!stop) return day.tours.length ? endScreen(stops) : this.nothing('No route is yours today. As soon as the desk gives you one, it is here.')
    if (what === 'done') return this.handOver(stop)
    if (what === 'fail') return failScreen(day, stop, this.first, (reason, note) => void this.tell(stop, { type: 'attempt', reason, note }))
    return stopScreen(stop, { tell: (type, held) => void this.tell(stop, { type }, held) })
  }

  private nothing(words: string): HTMLElement {
    return h('div', { class: 'stack' }, words !== '' && h('p', { class: 'empty' }, words),
      this.stopped === 'signed_out' && h('a', { class: 'button primary', href: '/sign-in?to=/driver' }, 'Sign in'))
  }

  private async handOver(stop: Stop): Promise<HTMLElement> {
    const shown = async (act: Promise<void>): Promise<void> => { await act; await this.show() }
    return handOver({
      stop,
      proofs: await this.drafts(stop.id),
      neighbour: this.neighbour,
      keep: (proof) => shown(this.shelf.keep(proof)),
      forget: (proof) => shown(this.shelf.forget(proof)),
      done: (neighbour) => this.tell(stop, { type: 'deliver', neighbour }),
      tryPin: (pin) => tryPin(stop.id, pin, this.day?.csrf ?? ''),
      tooYoung: () => { this.first = 'consignee_underage'; location.hash = `#fail-${stop.id}` },
    })
  }

  private async wayBack(day: Day, stops: Stop[]): Promise<HTMLElement> {
    const drafts = (await Promise.all(toBringBack(stops).map((stop) => this.drafts(stop.id)))).flat()
    const of = (sscc: string) => `${BROUGHT}${sscc}`
    return backScreen({
      day,
      stops,
      ticked: new Set(drafts.filter((proof) => proof.id.startsWith(BROUGHT)).map((proof) => proof.id.slice(BROUGHT.length))),
      tick: async (stop, sscc) => {
        await this.shelf.keep({ id: of(sscc), delivery: stop.id, kind: 'barcode', media: '', bytes: null, sent: false })
        await this.show()
      },
      brought: (stop) => this.tell(stop, { type: 'take_back' }),
      setOut: (left) => left.forEach((stop) => void this.tell(stop, { type: 'start_return' }, 0)),
    })
  }

  /** Return the proofs of a delivery that no fact has named yet. */
  private async drafts(delivery: string): Promise<Proof[]> {
    const named = new Set((await this.shelf.facts()).flatMap((fact) => fact.proofs.map((proof) => proof.proof_id)))
    return (await this.shelf.proofs(delivery)).filter((proof) => !named.has(proof.id))
  }

  private async tell(stop: Stop, told: Pick<NewFact, 'type'> & Partial<NewFact>, held?: number): Promise<void> {
    if (!this.queue) return
    try {
      const proofs = ENDS.includes(told.type) ? (await this.drafts(stop.id)).map((proof) => ({ kind: proof.kind, proof_id: proof.id })) : []
      await this.queue.tell({ id: newId('fct'), delivery: stop.id, reason: '', note: '', neighbour: null, ...told, proofs }, held)
      const goes_on = !['start_to_dropoff', 'start_return', 'take_back'].includes(told.type)
      if (goes_on && location.hash) history.replaceState(null, '', location.pathname)
      this.first = ''
      this.neighbour = { name: '', number: '' }
      await this.show()
      if (document.activeElement === document.body) this.place.querySelector<HTMLElement>('.brought')?.focus({ preventScroll: true })
      void this.sync()
    } catch (error) {
      this.say(`Nothing was kept: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** Return the last thing told, if it can still be undone. */
  private undoable(): Fact | undefined {
    const last = this.facts.at(-1)
    return last && last.due > Date.now() && !last.refused ? last : undefined
  }

  private async takeBack(): Promise<void> {
    const fact = this.undoable()
    if (fact && !(await this.queue?.undo(fact))) this.say('It is too late: it is being sent.')
    await this.show()
  }

  private async again(fact: Fact): Promise<void> {
    await this.queue?.again(fact)
    this.hurry()
  }

  private async forget(fact: Fact): Promise<void> {
    await this.queue?.undo(fact)
    await this.show()
  }

  private showBar(stops = standing(this.day?.stops ?? [], this.facts)): void {
    const refused = this.facts.filter((fact) => fact.refused).length
    const words = this.trouble || barWords(this.facts.length - refused, refused, this.stopped, navigator.onLine)
    if (this.words.textContent !== words) this.words.textContent = words
    this.link.setAttribute('href', this.stopped === 'signed_out' ? '/sign-in?to=/driver' : '#kept')
    this.bar.dataset['state'] = refused ? 'refused' : this.facts.length ? 'waiting' : 'sent'
    const done = stops.filter((stop) => !TO_DO.includes(stop.phase)).length
    const tab = (href: string, words: string) => h('a', { href, id: `to-${words.toLowerCase()}`, ...((location.hash || '#') === href ? { 'aria-current': 'page' } : {}) }, words)
    const head = [
      h('p', {}, h('strong', {}, [...new Set(this.day?.tours.map((tour) => tour.vehicle))].join(', ') || 'Driver'), stops.length ? ` ${done} of ${stops.length} done` : ''),
      h('nav', { 'aria-label': 'Route' }, tab('#', 'Next'), tab('#list', 'List'), tab('#map', 'Map')),
    ]
    if (!head.every((part, n) => part.isEqualNode(this.head.childNodes[n] ?? null))) put(this.head, ...head)
    this.out.hidden = !this.day
    this.word.value = this.day?.csrf ?? ''
    this.showUndo()
  }

  private showUndo(): void {
    const fact = this.undoable()
    this.undo.hidden = !fact
    if (fact) this.undo.textContent = `${SAID[fact.type]}. Undo (${Math.ceil((fact.due - Date.now()) / 1000)})`
  }

  /** Leave nobody's addresses on the phone; what waits to be sent stays until this person is back. */
  private async signOut(event: Event): Promise<void> {
    event.preventDefault()
    const left = this.facts.length
    if (left && !confirm(`${left} not sent yet: they stay on this phone until you sign in again. Sign out?`)) return
    await this.shelf.keepDay(undefined)
    const form = event.target
    if (form instanceof HTMLFormElement) form.submit()
  }

  private say(words: string): void {
    this.trouble = words
    this.showBar()
  }
}

interface Waking { periodicSync?: { register(tag: string, wish: { minInterval: number }): Promise<void> } }

/** Ask to be woken twice a day, where the browser lets a page that was added to the home screen. */
async function wakeable(worker: ServiceWorkerRegistration): Promise<void> {
  await (worker as Waking).periodicSync?.register('forget', { minInterval: 43_200_000 })
}

customElements.define('ds-driver', Driver)
export {}
