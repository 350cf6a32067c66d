import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelled, toBringBack } from '../src/driver/back'
import { inState, nextStop, standing, type Phase, type Stop } from '../src/driver/day'
import type { Fact } from '../src/driver/queue'
import { apart, barLength, laid } from '../src/driver/sketch'

const FIRST = '095200000000000011'
const SECOND = '095200000000000028'

function stop(id: string, phase: Phase, ...labels: string[]): Stop {
  return {
    id, phase, route: 'rte_1', number: 1, code: 'AB12', lat: 41, lon: -87, arrive: '14:00', window: '', name: 'Jo', phone: '', lines: [],
    access: [], note: '', wishes: [], call: false, wants: [], neighbour_ok: false, parcels: labels.map((sscc) => ({ sscc, weight: '', requires: [] })),
  }
}

function fact(delivery: string, type: Fact['type']): Fact {
  return { id: type, number: 1, person: 'per_1', delivery, type, occurred_at: '', reason: '', note: '', neighbour: null, proofs: [], due: 0, refused: '' }
}

test('what was not delivered has to go back until it was told that it is there', () => {
  const stops = [stop('dlv_1', 'done'), stop('dlv_2', 'not_done'), stop('dlv_3', 'there'), stop('dlv_4', 'lost')]
  const told = [fact('dlv_3', 'attempt')]
  assert.deepEqual(toBringBack(standing(stops, told)).map(({ id }) => id), ['dlv_2', 'dlv_3'])
  told.push(fact('dlv_2', 'start_return'), fact('dlv_2', 'take_back'), fact('dlv_3', 'start_return'))
  assert.deepEqual(standing(stops, told).map(({ phase }) => phase), ['done', 'returned', 'returning', 'lost'])
  assert.equal(nextStop(standing(stops, told)), undefined)
  assert.equal(inState(stop('dlv_2', 'returning'), 'returned').phase, 'returned')
})

test('a delivery is back when the last of its labels was read, and what else is read is nothing of it', () => {
  const stops = [stop('dlv_1', 'not_done', FIRST, SECOND), stop('dlv_2', 'not_done', '')]
  assert.deepEqual([labelled(stops, new Set(), `00${FIRST}`)?.last, labelled(stops, new Set([FIRST]), FIRST)?.last], [false, false])
  assert.equal(labelled(stops, new Set([FIRST]), SECOND)?.last, true)
  assert.equal(labelled(stops, new Set(), '123'), undefined)
  assert.equal(labelled(stops, new Set(), '095200000000000035'), undefined)
})

test('a sketch keeps north up and distances true, and has room for one door as for many', () => {
  const { spots, high, metres } = laid([{ lat: 41, lon: -87 }, { lat: 41.09, lon: -87 }, { lat: 41, lon: -86.88 }])
  const [home, north, east] = [spots[0]!, spots[1]!, spots[2]!]
  assert.ok(north.y < home.y && Math.abs(north.x - home.x) < 1e-9 && east.x > home.x)
  assert.ok(Math.abs((home.y - north.y) * metres - 10_019) < 20 && Math.abs((east.x - home.x) * metres - 10_082) < 30)
  assert.ok(spots.every(({ x, y }) => x > 25.9 && x < 332.1 && y > 25.9 && y < high - 25.9))
  const alone = laid([{ lat: 41, lon: -87 }])
  assert.deepEqual([alone.spots[0]!.x, alone.spots[0]!.y], [179, alone.high / 2])
  assert.equal(barLength(metres), 2_000)
})

test('doors at one place part, so that each is seen and touched, and the others stay', () => {
  const far = { x: 50, y: 50 }
  const marks = apart([far, ...Array.from({ length: 6 }, () => ({ x: 300, y: 200 }))], 400)
  assert.deepEqual(marks[0], far)
  for (const [n, one] of marks.entries())
    for (const other of marks.slice(n + 1)) assert.ok(Math.hypot(one.x - other.x, one.y - other.y) > 24, 'two marks cover each other')
  assert.ok(marks.every(({ x, y }) => x > 0 && x < 358 && y > 0 && y < 400))
})
