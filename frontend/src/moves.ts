// Vehicles as they move: a stream tells all of them at first, then what has changed.

const AGAIN_S = 10

export interface Frame {
  whole?: boolean
  features: GeoJSON.Feature[]
  moves?: [n: number, lon: number, lat: number, bearing: number][]
  gone?: number[]
}

/** All vehicles as they are after the frames heard so far, each known by its number `n`. */
export class Vehicles {
  private known = new Map<number, GeoJSON.Feature>()

  /** Take in a frame and return all vehicles. Those that did not change are the same objects as before. */
  hear(frame: Frame): GeoJSON.FeatureCollection {
    if (frame.whole) this.known = new Map()
    for (const one of frame.features) this.known.set(one.properties?.['n'] as number, one)
    for (const [n, lon, lat, bearing] of frame.moves ?? []) {
      const one = this.known.get(n)
      if (one) this.known.set(n, { ...one, geometry: { type: 'Point', coordinates: [lon, lat] }, properties: { ...one.properties, bearing } })
    }
    for (const n of frame.gone ?? []) this.known.delete(n)
    return { type: 'FeatureCollection', features: [...this.known.values()] }
  }
}

/** Listen to a stream while the page is seen; `lost` is called when it breaks off. Return what ends it. */
export function watch(src: string, heard: (frame: Frame) => void, lost: () => void): () => void {
  let source: EventSource | undefined
  let timer = 0
  const close = (): void => {
    source?.close()
    source = undefined
    window.clearTimeout(timer)
    lost()
  }
  const open = (): void => {
    close()
    if (document.hidden) return
    source = new EventSource(src)
    source.onmessage = (event) => heard(JSON.parse(event.data as string) as Frame)
    source.onerror = () => {
      lost()
      if (source?.readyState === EventSource.CLOSED) timer = window.setTimeout(open, AGAIN_S * 1000)
    }
  }
  document.addEventListener('visibilitychange', open)
  open()
  return () => {
    document.removeEventListener('visibilitychange', open)
    close()
  }
}
