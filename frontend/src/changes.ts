// What of a layer is new: a map is told that, and not everything again each time.

type Known = string | number
export interface Changes {
  remove: Known[]
  add: GeoJSON.Feature[]
}

/** Return what changed between two lots of features known by a property; undefined if some have none, or share one. */
export function changesOf(before: GeoJSON.Feature[], now: GeoJSON.Feature[], key: string): Changes | undefined {
  const [old, fresh] = [byKey(before, key), byKey(now, key)]
  if (!old || !fresh) return undefined
  const add = now.filter((one) => !isSame(old.get(one.properties?.[key] as Known), one))
  return { remove: [...old.keys()].filter((id) => !fresh.has(id)), add }
}

function byKey(features: GeoJSON.Feature[], key: string): Map<Known, GeoJSON.Feature> | undefined {
  const found = new Map(features.map((one) => [one.properties?.[key] as Known | undefined, one]))
  return found.size === features.length && !found.has(undefined) ? (found as Map<Known, GeoJSON.Feature>) : undefined
}

function isSame(one: GeoJSON.Feature | undefined, other: GeoJSON.Feature): boolean {
  if (!one || one === other) return Boolean(one)
  const [a, b] = [one.properties ?? {}, other.properties ?? {}]
  return Object.keys(b).every((name) => a[name] === b[name]) && JSON.stringify(one.geometry) === JSON.stringify(other.geometry)
}

/** Return vehicles with the state of the line of their route, where there is one. */
export function stated(vehicles: GeoJSON.FeatureCollection, lines: GeoJSON.Feature[]): GeoJSON.FeatureCollection {
  const states = new Map(lines.map((line) => [line.properties?.['route'] as string, line.properties?.['state'] as string]))
  const features = vehicles.features.map((one) => {
    const state = states.get(one.properties?.['route'] as string)
    return state ? { ...one, properties: { ...one.properties, state } } : one
  })
  return { type: 'FeatureCollection', features }
}
