import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Vehicles } from '../src/moves'

const van = (n: number, lon: number, state = 'on_time'): GeoJSON.Feature =>
  ({ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, 41] }, properties: { n, state, bearing: 0 } })

test('frames after the first tell what moved, looks different, is new or gone', () => {
  const vehicles = new Vehicles()
  const first = vehicles.hear({ whole: true, features: [van(0, 1), van(1, 2), van(2, 3)] }).features
  const now = vehicles.hear({ features: [van(2, 3, 'done'), van(3, 4)], moves: [[1, 2.5, 41.1, 90]], gone: [0] }).features
  assert.deepEqual(now.map((one) => one.properties?.['n']), [1, 2, 3])
  assert.deepEqual(now[0], { ...van(1, 2), geometry: { type: 'Point', coordinates: [2.5, 41.1] }, properties: { n: 1, state: 'on_time', bearing: 90 } })
  assert.equal(now[1]?.properties?.['state'], 'done')
  assert.deepEqual((first[1]?.geometry as GeoJSON.Point).coordinates, [2, 41])
})

test('who is told everything again forgets what was before', () => {
  const vehicles = new Vehicles()
  vehicles.hear({ whole: true, features: [van(0, 1)] })
  assert.deepEqual(vehicles.hear({ whole: true, features: [van(5, 1)] }).features, [van(5, 1)])
  assert.deepEqual(vehicles.hear({ features: [], moves: [[9, 1, 2, 3]] }).features.length, 1)
})
