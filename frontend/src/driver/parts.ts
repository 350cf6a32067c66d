// Small parts of the driver's screens.

type Child = Node | string | undefined | false | null
type Given = string | boolean | ((event: Event) => void)

/** Return an element: attributes that begin with "on" are called when it happens, true and false stand for set or not. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, given: Record<string, Given> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else if (typeof value === 'boolean') made.toggleAttribute(name, value)
    else made.setAttribute(name, value)
  }
  made.append(...children.filter((child): child is Node | string => child instanceof Node || (typeof child === 'string' && child !== '')))
  return made
}

/** Put something else in a place; what had the focus there by its id has it again, such as the field for labels. */
export function put(place: HTMLElement, ...fresh: Node[]): void {
  const id = place.contains(document.activeElement) ? document.activeElement?.id : ''
  place.replaceChildren(...fresh)
  if (id) place.querySelector<HTMLElement>(`#${CSS.escape(id)}`)?.focus({ preventScroll: true })
}

/** Return a number with its noun. */
export function many(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Return a place for what went wrong, and what says it there. */
export function newsOf(): { shown: HTMLElement; say(text: string): void } {
  const shown = h('p', { class: 'fault', role: 'alert', hidden: true })
  return { shown, say: (text) => { shown.textContent = text; shown.hidden = !text } }
}

/** Return 40 random characters with what they name before them. */
export function newId(of: string): string {
  return `${of}_${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** Return the way to a door, for the app that this phone drives with. */
export function wayTo(lat: number, lon: number): string {
  const apple = /iPhone|iPad|Macintosh/.test(navigator.userAgent)
  return apple ? `maps://?daddr=${lat},${lon}` : `geo:${lat},${lon}?q=${lat},${lon}`
}

const LONGEST_SIDE = 1600
const MOST_BYTES = 900_000

/** Return a photo as JPEG, no larger than it needs to be. */
export async function shrunk(file: Blob): Promise<ArrayBuffer> {
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  for (const quality of [0.8, 0.6, 0.4, 0.2]) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
    if (blob && blob.size <= MOST_BYTES) return blob.arrayBuffer()
  }
  throw new Error('The photo is too large.')
}

interface Detector { detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]> }
type Scanning = { BarcodeDetector?: new (wish: { formats: string[] }) => Detector }

/** Return whether this phone reads labels by its camera. */
function canScan(): boolean {
  return (window as Scanning).BarcodeDetector !== undefined && 'mediaDevices' in navigator
}

/** Show the camera in a place until a label is seen, and return what it says; empty if the place was closed before. */
async function scanned(place: HTMLElement): Promise<string> {
  const Made = (window as Scanning).BarcodeDetector
  if (!Made) return ''
  const detector = new Made({ formats: ['code_128', 'qr_code', 'data_matrix'] })
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  const video = h('video', { autoplay: true, muted: true, playsinline: true })
  video.srcObject = stream
  place.replaceChildren(video)
  try {
    await video.play()
    while (video.isConnected) {
      const [found] = await detector.detect(video).catch(() => [])
      if (found) return found.rawValue
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    return ''
  } finally {
    for (const track of stream.getTracks()) track.stop()
    video.remove()
  }
}

/** Return a field for labels, scanned or typed, and a button for the camera where the phone has one for it. */
export function labelField(read: (text: string) => Promise<void>, say: (text: string) => void): HTMLElement {
  const place = h('div', { class: 'camera' })
  const field = h('input', { id: 'scan', inputmode: 'numeric', autocomplete: 'off', enterkeyhint: 'done' })
  const heard = (event: Event): void => {
    event.preventDefault()
    const text = field.value
    field.value = ''
    void read(text)
  }
  const look = (): void => void scanned(place).then(async (text) => { if (text) await read(text) }, () => say('The camera is not allowed.'))
  return h('div', { class: 'labels' },
    h('form', { class: 'row', onsubmit: heard }, h('label', { for: 'scan', class: 'wide' }, 'Scan or type a label', field), h('button', {}, 'Take')),
    canScan() && h('button', { type: 'button', onclick: look }, 'Scan by camera'), place)
}

/** Return a parcel as a line of a list: its label, the last digits of it large, and what else is to be said. */
export function parcelLine(sscc: string, told: string, ticked = false): HTMLElement {
  return h('li', ticked ? { class: 'ticked' } : {},
    h('span', {}, `${ticked ? '✓ ' : ''}${sscc.slice(0, -4)}`, h('strong', {}, sscc.slice(-4) || 'no label')), h('span', {}, told))
}

/** Return the SSCC in what was scanned or typed: 18 digits, also within a GS1 element string or digital link. */
export function ssccIn(text: string): string {
  const digits = text.replace(/[\s()\x1d]/g, '')
  return /(?:^|\D|00)(\d{18})$/.exec(digits)?.[1] ?? /\/00\/(\d{18})/.exec(text)?.[1] ?? ''
}
