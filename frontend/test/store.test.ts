import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Burst, SILENCE_MS } from '../src/burst'
import { arrivedSince } from '../src/ring'
import { TONES } from '../src/sound'

function typed(gapMs: number, keys = 18): Burst {
  const burst = new Burst()
  for (let key = 0; key < keys; key += 1) burst.key(1000 + key * gapMs)
  return burst
}

test('a whole label in one go is a scanner, once it is silent', () => {
  const last = 1000 + 17 * 8
  assert.equal(typed(8).isOver(last + SILENCE_MS), true)
  assert.equal(typed(8).isOver(last + SILENCE_MS - 1), false)
})

test('a person who types, and a short code, wait for Enter', () => {
  assert.equal(typed(140).isOver(99_999), false)
  assert.equal(typed(8, 8).isOver(99_999), false)
})

test('only who was not there before is announced', () => {
  const now = new Map([['d1', 'blue van'], ['d2', 'red car, bay 2']])
  assert.deepEqual(arrivedSince(new Set(['d1']), now), ['red car, bay 2'])
  assert.deepEqual(arrivedSince(new Set(['d1', 'd2', 'd3']), now), [])
})

test('no sound is longer than a second, so that scans do not wait for one another', () => {
  for (const tones of Object.values(TONES)) assert.ok(tones.reduce((sum, [, length]) => sum + length, 0) < 1)
})
