import assert from 'node:assert/strict'
import { test } from 'node:test'
import { barWords, inState, nextStop, standing, within, type Day, type Stop } from '../src/driver/day'
import { HELD_MS, meaning, Queue, type Answer, type Fact, type NewFact, type Proof, type Shelf, type Wire } from '../src/driver/queue'

class Killed extends Error {}

/** Counts the steps of a life, and ends it before or after the effect of one of them. */
class Life {
  steps = 0
  constructor(private readonly last = Infinity, private readonly after = false) {}

  async step<T>(effect: () => T): Promise<T> {
    if (this.steps > this.last) throw new Killed()
    const kill = this.steps++ === this.last
    if (kill && !this.after) throw new Killed()
    const made = effect()
    await Promise.resolve()
    if (kill) throw new Killed()
    return made
  }
}

/** What lies on the phone; it outlives the page. */
class Phone {
  facts = new Map<number, Fact>()
  proofs = new Map<string, Proof>()
  numbers = 0
}

/** What the server has by now. */
class Server {
  told: string[] = []
  proofs = new Map<string, number>()
  doubled = 0
  online = true
  answers: Answer[] = []
}

class FakeShelf implements Shelf {
  constructor(private readonly phone: Phone, private readonly life: Life) {}

  facts(): Promise<Fact[]> {
    return this.life.step(() => [...this.phone.facts.values()])
  }
  add(fact: NewFact): Promise<Fact> {
    return this.life.step(() => {
      const made = { ...fact, number: ++this.phone.numbers }
      this.phone.facts.set(made.number, made)
      return made
    })
  }
  change(fact: Fact): Promise<void> {
    return this.life.step(() => void this.phone.facts.set(fact.number, fact))
  }
  retract(fact: Fact): Promise<void> {
    return this.life.step(() => void this.phone.facts.delete(fact.number))
  }
  taken(fact: Fact): Promise<void> {
    return this.life.step(() => {
      this.phone.facts.delete(fact.number)
      for (const { proof_id } of fact.proofs) this.phone.proofs.delete(proof_id)
    })
  }
  proofs(delivery: string): Promise<Proof[]> {
    return this.life.step(() => [...this.phone.proofs.values()].filter((proof) => proof.delivery === delivery))
  }
  keep(proof: Proof): Promise<void> {
    return this.life.step(() => void this.phone.proofs.set(proof.id, proof))
  }
  forget(proof: Proof): Promise<void> {
    return this.life.step(() => void this.phone.proofs.delete(proof.id))
  }
}

class FakeWire implements Wire {
  constructor(private readonly server: Server, private readonly life: Life) {}

  upload(proof: Proof): Promise<Answer> {
    return this.ask(() => {
      this.server.proofs.set(proof.id, (this.server.proofs.get(proof.id) ?? 0) + 1)
    })
  }
  tell(fact: Fact): Promise<Answer> {
    return this.ask(() => {
      for (const { kind, proof_id } of fact.proofs) assert.ok(kind === 'barcode' || this.server.proofs.has(proof_id), 'a fact before its proof')
      if (this.server.told.includes(fact.id)) this.server.doubled++
      else this.server.told.push(fact.id)
    })
  }
  private ask(effect: () => void): Promise<Answer> {
    return this.life.step(() => {
      if (!this.server.online) return { kind: 'offline' }
      const answer = this.server.answers.shift()
      if (answer) return answer
      effect()
      return { kind: 'taken', state: 'delivered' }
    })
  }
}

const STOPS = ['dlv_1', 'dlv_2', 'dlv_3']
const EIGHT_HOURS = 8 * 3600 * 1000

function photo(delivery: string): Proof {
  return { id: `prf_${delivery}`, delivery, kind: 'photo', media: 'image/jpeg', bytes: new ArrayBuffer(8), sent: false }
}

/** Do what is still to be done on the route, as a driver does who looks at the page: what is there is not told again. */
async function drive(phone: Phone, server: Server, life: Life, now: () => number): Promise<void> {
  const shelf = new FakeShelf(phone, life)
  const queue = new Queue(shelf, new FakeWire(server, life), 'per_1', now)
  const known = (id: string) => server.told.includes(id) || [...phone.facts.values()].some((fact) => fact.id === id)
  for (const delivery of STOPS) {
    for (const type of ['arrive_at_dropoff', 'deliver'] as const) {
      const id = `${delivery}-${type}`
      if (known(id)) continue
      const proofs: Fact['proofs'] = type === 'deliver' ? [{ kind: 'photo', proof_id: `prf_${delivery}` }, { kind: 'barcode', proof_id: 'sscc_1' }] : []
      if (type === 'deliver') await shelf.keep(photo(delivery))
      await queue.tell({ id, delivery, type, reason: '', note: '', neighbour: null, proofs })
    }
  }
  await queue.flush()
}

test('nothing is lost or doubled on the shelf by a kill at any step, before or after its effect', async () => {
  const whole = new Life()
  let now = 0
  await drive(new Phone(), new Server(), whole, () => (now += HELD_MS))
  assert.ok(whole.steps > 25)
  for (const after of [false, true]) {
    for (let last = 0; last < whole.steps; last++) {
      const [phone, server] = [new Phone(), new Server()]
      now = 0
      const clock = () => (now += HELD_MS)
      await assert.rejects(drive(phone, server, new Life(last, after), clock), Killed)
      await drive(phone, server, new Life(), clock)
      const wanted = STOPS.flatMap((delivery) => [`${delivery}-arrive_at_dropoff`, `${delivery}-deliver`])
      assert.deepEqual([...server.told].sort(), wanted, `killed at step ${last}`)
      for (const delivery of STOPS) {
        const mine = server.told.filter((id) => id.startsWith(delivery))
        assert.deepEqual(mine, [`${delivery}-arrive_at_dropoff`, `${delivery}-deliver`])
      }
      assert.deepEqual([...server.proofs.keys()].sort(), STOPS.map((delivery) => `prf_${delivery}`))
      assert.deepEqual([phone.facts.size, phone.proofs.size], [0, 0])
    }
  }
})

test('eight hours offline and a kill after each stop lose nothing', async () => {
  const [phone, server] = [new Phone(), new Server()]
  let now = 0
  server.online = false
  for (let stop = 0; stop < 100; stop++) {
    const queue = new Queue(new FakeShelf(phone, new Life()), new FakeWire(server, new Life()), 'per_1', () => now)
    phone.proofs.set(`prf_${stop}`, { ...photo(`d${stop}`), id: `prf_${stop}` })
    await queue.tell({ id: `${stop}`, delivery: `d${stop}`, type: 'deliver', reason: '', note: '', neighbour: null, proofs: [{ kind: 'photo', proof_id: `prf_${stop}` }] })
    now += EIGHT_HOURS / 100
    assert.equal(await queue.flush(), 'offline')
  }
  assert.equal(phone.facts.size, 100)
  server.online = true
  const queue = new Queue(new FakeShelf(phone, new Life()), new FakeWire(server, new Life()), 'per_1', () => now)
  assert.equal(await queue.flush(), '')
  assert.deepEqual(server.told, Array.from({ length: 100 }, (_, stop) => `${stop}`))
  assert.deepEqual([server.proofs.size, server.doubled, phone.facts.size, phone.proofs.size], [100, 0, 0, 0])
})

function queueAt(now: () => number): { queue: Queue; phone: Phone; server: Server } {
  const [phone, server] = [new Phone(), new Server()]
  return { queue: new Queue(new FakeShelf(phone, new Life()), new FakeWire(server, new Life()), 'per_1', now), phone, server }
}
const plain = { delivery: 'dlv_1', reason: '', note: '', neighbour: null, proofs: [] }

test('what can still be undone is not sent, and undone it is gone while its proofs stay', async () => {
  let now = 0
  const { queue, phone, server } = queueAt(() => now)
  phone.proofs.set('prf_dlv_1', photo('dlv_1'))
  const fact = await queue.tell({ ...plain, id: 'a', type: 'deliver', proofs: [{ kind: 'photo', proof_id: 'prf_dlv_1' }] })
  now = HELD_MS - 1
  await queue.flush()
  assert.deepEqual(server.told, [])
  assert.equal(await queue.undo(fact), true)
  assert.deepEqual([phone.facts.size, phone.proofs.size], [0, 1])
  assert.equal(await queue.undo(fact), false)
})

test('after its time nothing can be undone, though it was not sent', async () => {
  let now = 0
  const { queue } = queueAt(() => now)
  const fact = await queue.tell({ ...plain, id: 'a', type: 'deliver' })
  now = HELD_MS
  assert.equal(await queue.undo(fact), false)
})

test('a later fact of a stop sends the one before it at once', async () => {
  const { queue, server } = queueAt(() => 0)
  await queue.tell({ ...plain, id: 'a', type: 'arrive_at_dropoff' })
  await queue.tell({ ...plain, id: 'b', type: 'deliver' })
  await queue.flush()
  assert.deepEqual(server.told, ['a'])
})

test('what the server refuses stays here with its words, and holds up nothing', async () => {
  const { queue, phone, server } = queueAt(() => 0)
  for (const id of ['a', 'b']) await queue.tell({ ...plain, id, type: 'call' }, 0)
  server.answers = [{ kind: 'refused', words: 'No.' }]
  await queue.flush()
  assert.deepEqual([server.told, [...phone.facts.values()].map((fact) => fact.refused)], [['b'], ['No.']])
  const [kept] = await queue.mine()
  assert.ok(kept)
  await queue.again(kept)
  await queue.flush()
  assert.deepEqual([server.told, phone.facts.size], [['b', 'a'], 0])
})

test('a stop that must wait holds up no other, and keeps its order', async () => {
  const { queue, server } = queueAt(() => 0)
  await queue.tell({ ...plain, id: 'a', type: 'call' }, 0)
  await queue.tell({ ...plain, id: 'b', type: 'call' }, 0)
  await queue.tell({ ...plain, id: 'c', type: 'call', delivery: 'dlv_2' }, 0)
  server.answers = [{ kind: 'later' }]
  assert.equal(await queue.flush(), 'later')
  assert.deepEqual(server.told, ['c'])
  assert.equal(await queue.flush(), '')
  assert.deepEqual(server.told, ['c', 'a', 'b'])
})

test('what another person told on this phone waits for them', async () => {
  const { queue, phone, server } = queueAt(() => 0)
  const other = new Queue(new FakeShelf(phone, new Life()), new FakeWire(server, new Life()), 'per_2', () => 0)
  await other.tell({ ...plain, id: 'theirs', type: 'call' }, 0)
  await queue.flush()
  assert.deepEqual(server.told, [])
  await other.flush()
  assert.deepEqual(server.told, ['theirs'])
})

test('answers of the server are read by their status', () => {
  const kinds = [200, 201, 0, 401, 403, 404, 409, 413, 422, 429, 500, 503].map((status) => meaning(status, '', '').kind)
  assert.deepEqual(kinds, ['taken', 'taken', 'signed_out', 'signed_out', 'signed_out', 'refused', 'refused', 'refused', 'refused', 'later', 'later', 'later'])
})

test('a stop is as far as what was told here says, and the van comes first where it stands', () => {
  const stops = STOPS.map((id) => ({ id, phase: 'ahead', call: true }) as Stop)
  const told = [{ delivery: 'dlv_1', type: 'deliver' }, { delivery: 'dlv_3', type: 'call' }, { delivery: 'dlv_3', type: 'arrive_at_dropoff' }] as Fact[]
  const now = standing(stops, told)
  assert.deepEqual(now.map((stop) => [stop.phase, stop.call]), [['done', true], ['ahead', true], ['there', false]])
  assert.equal(nextStop(now)?.id, 'dlv_3')
  assert.equal(nextStop(standing(stops, []))?.id, 'dlv_1')
})

test('the bar says what is kept here and why', () => {
  assert.equal(barWords(3, 0, '', true), 'Saved here, 3 waiting to send.')
  assert.equal(barWords(3, 1, '', false), 'Saved here, 3 waiting to send. No network. 1 not taken.')
  assert.equal(barWords(1, 0, 'signed_out', true), 'Saved here, 1 waiting to send. Sign in again to send.')
  assert.equal(barWords(0, 0, '', true), 'Everything is sent.')
})

test('a day outlives its time by nothing but whose phone it is, and a door that is done is nobody\'s', () => {
  const stop = { id: 'dlv_1', phase: 'there', name: 'Jo', phone: '1', lines: ['12 Elm Street'], access: [['code', '4711']], note: 'Dog', wishes: ['Ring'] } as Stop
  const day: Day = { person: { id: 'per_1', name: 'Ana' }, csrf: 'word', kept_until: 100, reasons: [], tours: [], stops: [stop] }
  assert.equal(within(day, 99_999), day)
  assert.deepEqual([within(day, 100_000).stops, within(day, 100_000).person.id, within(day, 100_000).csrf], [[], 'per_1', 'word'])
  assert.equal(inState(stop, 'at_dropoff').name, 'Jo')
  const done = inState(stop, 'delivered')
  assert.deepEqual([done.phase, done.name, done.phone, done.lines, done.access, done.note, done.wishes], ['done', '', '', [], [], '', []])
})
