// Times as places on a line.

export interface Axis {
  from: number
  to: number
  x(at: number): number
}
interface Spanned { starts_at: number; ends_at: number }
const HOUR = 3600

/** Return the axis from an hour before now, or the first start after that, to the last end; at least four hours. */
export function axisOf(now: number, routes: readonly Spanned[], left: number, right: number): Axis {
  const first = Math.min(now, ...routes.map((route) => route.starts_at))
  const from = Math.max(first, now - 3 * HOUR)
  const to = Math.max(from + 4 * HOUR, ...routes.map((route) => route.ends_at))
  const scale = (right - left) / (to - from)
  return { from, to, x: (at) => left + (Math.min(Math.max(at, from), to) - from) * scale }
}

/** Return the moments of the axis that are marked: whole hours, or every two or three where they would be dense. */
export function ticksOf(axis: Axis): number[] {
  const step = [HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR].find((one) => (axis.to - axis.from) / one <= 12) ?? 12 * HOUR
  const found: number[] = []
  for (let at = Math.ceil(axis.from / step) * step; at <= axis.to; at += step) found.push(at)
  return found
}

/** Return where a block begins and how wide it is: wide enough to be hit. */
export function blockSpan(axis: Axis, at: number, until: number): { x: number; width: number } {
  const x = axis.x(at)
  return { x, width: Math.max(axis.x(until) - x, 10) }
}
