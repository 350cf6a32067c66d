import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisOf, blockSpan, ticksOf } from '../src/time-axis'

test('an axis begins at most three hours ago and ends with the last route', () => {
  const axis = axisOf(36_000, [{ starts_at: 0, ends_at: 50_400 }], 100, 700)
  assert.deepEqual([axis.from, axis.to], [25_200, 50_400])
  assert.equal(axis.x(25_200), 100)
  assert.equal(axis.x(50_400), 700)
  assert.equal(axis.x(0), 100)
})

test('an axis without routes shows four hours', () => {
  const axis = axisOf(1_000, [], 0, 400)
  assert.equal(axis.to - axis.from, 4 * 3600)
})

test('at most thirteen moments are marked, all of them whole hours', () => {
  const axis = axisOf(90, [{ starts_at: 0, ends_at: 30 * 3600 }], 0, 1_000)
  const ticks = ticksOf(axis)
  assert.ok(ticks.length <= 13)
  assert.ok(ticks.every((at) => at % 3600 === 0))
})

test('a short stop is wide enough to be hit', () => {
  const axis = axisOf(0, [{ starts_at: 0, ends_at: 36_000 }], 0, 360)
  assert.equal(blockSpan(axis, 100, 160).width, 10)
})
