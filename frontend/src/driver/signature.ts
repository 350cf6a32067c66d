// A field to sign in: strokes as points [x, y, ms], and the picture of them.

type Point = [number, number, number]

export class Pad {
  readonly canvas = document.createElement('canvas')
  readonly strokes: Point[][] = []
  private began = 0

  constructor(private readonly changed: () => void) {
    this.canvas.className = 'pad'
    this.canvas.width = 900
    this.canvas.height = 420
    this.canvas.setAttribute('role', 'img')
    this.canvas.setAttribute('aria-label', 'Field to sign in with a finger')
    this.canvas.addEventListener('pointerdown', (event) => this.begin(event))
    this.canvas.addEventListener('pointermove', (event) => this.go(event))
    this.blank()
  }

  clear(): void {
    this.strokes.length = 0
    this.blank()
    this.changed()
  }

  async picture(): Promise<ArrayBuffer> {
    const blob = await new Promise<Blob | null>((resolve) => this.canvas.toBlob(resolve, 'image/png'))
    if (!blob) throw new Error('The signature could not be kept.')
    return blob.arrayBuffer()
  }

  private blank(): void {
    const pen = this.canvas.getContext('2d')
    if (!pen) return
    pen.fillStyle = '#ffffff'
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height)
  }

  private begin(event: PointerEvent): void {
    event.preventDefault()
    this.canvas.setPointerCapture(event.pointerId)
    this.began ||= event.timeStamp
    this.strokes.push([this.at(event)])
    this.changed()
  }

  private go(event: PointerEvent): void {
    const stroke = this.strokes.at(-1)
    const pen = this.canvas.getContext('2d')
    if (!event.buttons || !stroke || !pen) return
    const from = stroke.at(-1)
    const to = this.at(event)
    stroke.push(to)
    if (!from) return
    pen.lineWidth = 5
    pen.lineCap = 'round'
    pen.strokeStyle = '#111111'
    pen.beginPath()
    pen.moveTo(from[0], from[1])
    pen.lineTo(to[0], to[1])
    pen.stroke()
  }

  private at(event: PointerEvent): Point {
    const box = this.canvas.getBoundingClientRect()
    const scale = this.canvas.width / box.width
    return [Math.round((event.clientX - box.left) * scale), Math.round((event.clientY - box.top) * scale), Math.round(event.timeStamp - this.began)]
  }
}
