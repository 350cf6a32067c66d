// Marks of the map, drawn when the map first asks for one: shape says what it is, colour how it is with it.

const SIZE = 56
type Token = (name: string) => string

const MODE: Record<string, string> = {
  own_fleet: 'own', contractor: 'contractor', on_demand: 'third', parcel_carrier: 'parcel', pickup: 'pickup', locker: 'locker', drone: 'drone',
}
const STATE: Record<string, string> = { late: 'late', at_risk: 'at-risk', done: 'done' }

/** Return the image of a mark such as "stop/late/12", "site/hub" or "vehicle/on_time/own_fleet". */
export function drawn(id: string, token: Token): ImageData | undefined {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE
  const pen = canvas.getContext('2d')
  const [what, one = '', two = ''] = id.split('/')
  if (!pen) return undefined
  pen.lineWidth = 4
  pen.strokeStyle = token('halo')
  if (what === 'stop') stop(pen, token, one, two)
  else if (what === 'site') site(pen, token, one)
  else if (what === 'vehicle') vehicle(pen, token, one, two)
  else return undefined
  return pen.getImageData(0, 0, SIZE, SIZE)
}

function stop(pen: CanvasRenderingContext2D, token: Token, state: string, number: string): void {
  pen.fillStyle = token(STATE[state] ?? 'own')
  pen.beginPath()
  pen.arc(28, 28, 20, 0, 2 * Math.PI)
  pen.fill()
  pen.stroke()
  pen.fillStyle = token('surface-1')
  pen.font = `600 ${number.length > 2 ? 18 : 24}px system-ui, sans-serif`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillText(state === 'done' ? '✓' : number, 28, 29)
}

function site(pen: CanvasRenderingContext2D, token: Token, kind: string): void {
  pen.fillStyle = token(kind === 'parcel_station' || kind === 'locker' ? 'locker' : 'ink-1')
  pen.beginPath()
  if (kind === 'fc') pen.rect(10, 14, 36, 30)
  else if (kind === 'hub') [[28, 6], [48, 17], [48, 39], [28, 50], [8, 39], [8, 17]].forEach(([x, y], n) => (n ? pen.lineTo(x!, y!) : pen.moveTo(x!, y!)))
  else [[28, 8], [48, 24], [48, 48], [8, 48], [8, 24]].forEach(([x, y], n) => (n ? pen.lineTo(x!, y!) : pen.moveTo(x!, y!)))
  pen.closePath()
  pen.fill()
  pen.stroke()
}

function vehicle(pen: CanvasRenderingContext2D, token: Token, state: string, mode: string): void {
  pen.fillStyle = token(STATE[state] ?? MODE[mode] ?? 'own')
  pen.beginPath()
  pen.moveTo(28, 5)
  pen.lineTo(46, 48)
  pen.lineTo(28, 39)
  pen.lineTo(10, 48)
  pen.closePath()
  pen.fill()
  pen.stroke()
  // Late: a ring around it; at risk: half of one. Seen without colours, and in whichever direction it drives.
  if (state !== 'late' && state !== 'at_risk') return
  pen.beginPath()
  pen.arc(28, 29, 25, state === 'late' ? 0 : Math.PI, 2 * Math.PI)
  pen.strokeStyle = pen.fillStyle
  pen.stroke()
}
