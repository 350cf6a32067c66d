import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changesOf, stated } from '../src/changes'

const at = (delivery: string | undefined, lon: number, state = 'on_time'): GeoJSON.Feature =>
  ({ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, 41] }, properties: { delivery, state } })

test('only what is new, moved or in another state is told', () => {
  const before = [at('a', 1), at('b', 2), at('c', 3), at('d', 4)]
  const now = [at('a', 1), at('b', 2.5), at('c', 3, 'late'), at('e', 5)]
  const found = changesOf(before, now, 'delivery')
  assert.deepEqual(found?.remove, ['d'])
  assert.deepEqual(found?.add, now.slice(1))
})

test('features without a name, or two of one name, are told anew', () => {
  assert.equal(changesOf([], [at(undefined, 1)], 'delivery'), undefined)
  assert.equal(changesOf([], [at('a', 1), at('a', 2)], 'delivery'), undefined)
})

test('a vehicle is as its route is, and stays as it is without one', () => {
  const van = (route: string): GeoJSON.Feature => ({ ...at('', 1), properties: { route, state: 'on_time', label: 'V1' } })
  const line = { ...at('', 1), properties: { route: 'r1', state: 'late' } }
  const found = stated({ type: 'FeatureCollection', features: [van('r1'), van('')] }, [line])
  assert.deepEqual(found.features.map((one) => one.properties), [{ route: 'r1', state: 'late', label: 'V1' }, { route: '', state: 'on_time', label: 'V1' }])
})
