import assert from 'node:assert/strict'
import { test } from 'node:test'
import { besideOf, inSight } from '../src/rows'

test('rows in sight are those that a window touches', () => {
  assert.deepEqual(inSight(65, 130, 30, 100), [2, 5])
  assert.deepEqual(inSight(-500, 40, 30, 100), [0, 2])
  assert.deepEqual(inSight(2_900, 9_000, 30, 100), [96, 100])
  assert.deepEqual(inSight(0, 300, 30, 0), [0, 0])
})

const stop = (id: string, at: number, state = 'on_time'): { id: string; at: number; state: string } => ({ id, at, state })
const routes = [
  { stops: [stop('a1', 10, 'done'), stop('a2', 20), stop('a3', 30)] },
  { stops: [stop('b1', 20, 'done')] },
  { stops: [stop('c1', 12), stop('c2', 28, 'late')] },
]

test('arrow keys go along a route, past what is done, and stop at its end', () => {
  assert.equal(besideOf(routes, 'a2', 'ArrowRight')?.stop.id, 'a3')
  assert.equal(besideOf(routes, 'a2', 'ArrowLeft'), undefined)
  assert.equal(besideOf(routes, 'a3', 'ArrowRight'), undefined)
})

test('up and down lead to the stop nearest in time of the next route that has any to go', () => {
  assert.deepEqual(besideOf(routes, 'a3', 'ArrowDown'), { row: 2, stop: routes[2]!.stops[1] })
  assert.deepEqual(besideOf(routes, 'c1', 'ArrowUp'), { row: 0, stop: routes[0]!.stops[1] })
  assert.equal(besideOf(routes, 'a2', 'ArrowUp'), undefined)
  assert.equal(besideOf(routes, 'nowhere', 'ArrowUp'), undefined)
})
