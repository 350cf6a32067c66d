// <ds-scan> around a form with the field "code": it is ready for the next label at once, whatever was touched last;
// a wedge scanner needs no Enter, a camera is offered where the browser reads codes, and the answer comes without
// a new page. Without this element the form works alike, more slowly.

import { Burst, SILENCE_MS } from './burst'
import { say } from './page'
import { beep, type Sound } from './sound'

interface Seen { rawValue: string }
interface Detector { detect(source: HTMLVideoElement): Promise<Seen[]> }
type DetectorKind = new (options: { formats: string[] }) => Detector
const FORMATS = ['qr_code', 'data_matrix', 'code_128', 'ean_13']
const LOOK_EVERY_MS = 150

class ScanField extends HTMLElement {
  private readonly burst = new Burst()
  private sent: Promise<void> = Promise.resolve()
  private silence = 0
  private camera: MediaStream | undefined
  private readonly heard = (event: KeyboardEvent): void => {
    if (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return
    const free = document.activeElement === document.body || document.activeElement === null
    if (free) this.field.focus()
    if (document.activeElement !== this.field) return
    this.burst.key(event.timeStamp)
    window.clearTimeout(this.silence)
    this.silence = window.setTimeout(() => {
      if (this.burst.isOver(performance.now())) this.form.requestSubmit()
    }, SILENCE_MS + 10)
  }

  private get form(): HTMLFormElement {
    return this.querySelector('form')!
  }

  private get field(): HTMLInputElement {
    return this.querySelector<HTMLInputElement>('[name=code], [name=q]')!
  }

  connectedCallback(): void {
    document.addEventListener('keydown', this.heard)
    this.form.addEventListener('submit', (event) => this.submit(event))
    this.offer()
    this.dataset['ready'] = 'yes'
    this.field.focus({ preventScroll: true })
    this.sound(document)
  }

  disconnectedCallback(): void {
    document.removeEventListener('keydown', this.heard)
    this.stop()
  }

  /** Add the buttons of this device: the camera, and letters on the screen, which else would cover half of it. */
  private offer(): void {
    const tools = Object.assign(document.createElement('div'), { className: 'tools' })
    const button = (text: string, act: () => void): void => {
      const made = Object.assign(document.createElement('button'), { type: 'button', textContent: text, className: 'small' })
      made.addEventListener('click', act)
      tools.append(made)
    }
    if ('BarcodeDetector' in window && 'mediaDevices' in navigator) button('Camera', () => void this.look())
    if (window.matchMedia('(pointer: coarse)').matches) {
      this.field.inputMode = 'none'
      button('Type', () => {
        this.field.inputMode = 'text'
        this.field.blur()
        this.field.focus()
      })
    }
    if (tools.childElementCount) this.form.append(tools)
  }

  private submit(event: SubmitEvent): void {
    window.clearTimeout(this.silence)
    this.burst.clear()
    if (this.form.method === 'get') return
    event.preventDefault()
    const told = new URLSearchParams([...new FormData(this.form)].map(([name, value]) => [name, String(value)]))
    told.set('fresh', [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => byte.toString(16).padStart(2, '0')).join(''))
    this.field.value = ''
    this.sent = this.sent.then(() => this.send(told))
  }

  /** Send one scan after the other, and show its answer where it would stand on the next page. */
  private async send(told: URLSearchParams): Promise<void> {
    const answer = await fetch(this.form.action, { method: 'POST', body: told }).catch(() => undefined)
    if (!answer) {
      say(`Not sent, as there is no connection: ${told.get('code') ?? ''}. Scan it again.`, 'refused')
      beep('bad')
      return
    }
    if (new URL(answer.url).pathname !== location.pathname) {
      location.assign(answer.url)
      return
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    for (const id of ['answer', 'last']) {
      const fresh = page.getElementById(id)
      if (fresh) document.getElementById(id)?.replaceChildren(...fresh.childNodes)
    }
    history.replaceState(null, '', answer.url)
    this.sound(document)
    this.field.focus({ preventScroll: true })
  }

  private sound(page: Document): void {
    const sound = page.querySelector<HTMLElement>('#answer [data-sound]')?.dataset['sound'] as Sound | undefined
    if (sound) beep(sound)
  }

  private async look(): Promise<void> {
    if (this.camera) return this.stop()
    const Kind = (window as unknown as { BarcodeDetector: DetectorKind }).BarcodeDetector
    try {
      this.camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
    } catch {
      say('This device gives no camera to the page. Scan or type instead.', 'refused')
      return
    }
    const detector = new Kind({ formats: FORMATS })
    const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, srcObject: this.camera })
    this.form.append(video)
    await video.play()
    while (this.camera) {
      const [seen] = await detector.detect(video).catch(() => [])
      if (seen) {
        this.stop()
        this.field.value = seen.rawValue
        this.form.requestSubmit()
        return
      }
      await new Promise((go) => setTimeout(go, LOOK_EVERY_MS))
    }
  }

  private stop(): void {
    this.camera?.getTracks().forEach((track) => track.stop())
    this.camera = undefined
    this.querySelector('video')?.remove()
  }
}

customElements.define('ds-scan', ScanField)
