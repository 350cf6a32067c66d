// Rows of a long list of routes: which are in sight, and which stop lies beside another.

interface Stop { id: string; at: number; state: string }
interface Route<S extends Stop> { stops: S[] }

/** Return the first of `count` rows that lies between two heights, and the one after the last. */
export function inSight(top: number, bottom: number, row: number, count: number): [number, number] {
  const within = (at: number): number => Math.min(Math.max(at, 0), count)
  return [within(Math.floor(top / row)), within(Math.ceil(bottom / row))]
}

/** Return the stop that an arrow key leads to from another, and its row; undefined at the end. Stops that are done are passed over. */
export function besideOf<S extends Stop>(routes: readonly Route<S>[], from: string, key: string): { row: number; stop: S } | undefined {
  const row = routes.findIndex((route) => route.stops.some((stop) => stop.id === from))
  const here = routes[row]?.stops.find((stop) => stop.id === from)
  if (!here) return undefined
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const open = openStops(routes[row]!)
    const stop = open[open.indexOf(here) + (key === 'ArrowRight' ? 1 : -1)]
    return stop && { row, stop }
  }
  const step = key === 'ArrowDown' ? 1 : -1
  for (let next = row + step; next >= 0 && next < routes.length; next += step) {
    const open = openStops(routes[next]!)
    const away = (stop: S): number => Math.abs(stop.at - here.at)
    if (open.length) return { row: next, stop: open.reduce((best, stop) => (away(stop) < away(best) ? stop : best)) }
  }
  return undefined
}

function openStops<S extends Stop>(route: Route<S>): S[] {
  return route.stops.filter((stop) => stop.state !== 'done' && stop.state !== 'failed')
}
