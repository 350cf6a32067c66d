// The shelf in IndexedDB: facts, proofs, and the day as it was last told. A transaction is done whole or not at all.

import { inState, within, type Day } from './day'
import type { Fact, NewFact, Proof, Shelf } from './queue'

export class KeptShelf implements Shelf {
  static readonly NAME = 'doorstep-driver'

  private constructor(private readonly base: IDBDatabase) {}

  static async open(): Promise<KeptShelf> {
    const asked = indexedDB.open(KeptShelf.NAME, 1)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('facts', { keyPath: 'number', autoIncrement: true })
      asked.result.createObjectStore('proofs', { keyPath: 'id' }).createIndex('delivery', 'delivery')
      asked.result.createObjectStore('day')
    }
    return new KeptShelf(await result(asked))
  }

  facts(): Promise<Fact[]> {
    return result(this.base.transaction('facts').objectStore('facts').getAll() as IDBRequest<Fact[]>)
  }

  async add(fact: NewFact): Promise<Fact> {
    let number = 0
    await this.write(['facts'], (of) => {
      const asked = of.objectStore('facts').add(fact)
      asked.onsuccess = () => (number = asked.result as number)
    })
    return { ...fact, number }
  }

  change(fact: Fact): Promise<void> {
    return this.write(['facts'], (of) => void of.objectStore('facts').put(fact))
  }

  retract(fact: Fact): Promise<void> {
    return this.write(['facts'], (of) => void of.objectStore('facts').delete(fact.number))
  }

  taken(fact: Fact, state: string): Promise<void> {
    return this.write(['facts', 'proofs', 'day'], (of) => {
      of.objectStore('facts').delete(fact.number)
      for (const proof of fact.proofs) of.objectStore('proofs').delete(proof.proof_id)
      const asked = of.objectStore('day').get('day') as IDBRequest<Day | undefined>
      asked.onsuccess = () => {
        const day = asked.result
        if (!day) return
        const stops = day.stops.map((stop) => (stop.id === fact.delivery ? inState(stop, state) : stop))
        const called = stops.map((stop) => (stop.id === fact.delivery && fact.type === 'call' ? { ...stop, call: false } : stop))
        of.objectStore('day').put({ ...day, stops: called }, 'day')
      }
    })
  }

  proofs(delivery: string): Promise<Proof[]> {
    const store = this.base.transaction('proofs').objectStore('proofs')
    return result(store.index('delivery').getAll(delivery) as IDBRequest<Proof[]>)
  }

  keep(proof: Proof): Promise<void> {
    return this.write(['proofs'], (of) => void of.objectStore('proofs').put(proof))
  }

  forget(proof: Proof): Promise<void> {
    return this.write(['proofs'], (of) => void of.objectStore('proofs').delete(proof.id))
  }

  /** Return the day as far as it may still be kept; what may not is taken off the shelf. */
  async day(now = Date.now()): Promise<Day | undefined> {
    const kept = await result(this.base.transaction('day').objectStore('day').get('day') as IDBRequest<Day | undefined>)
    const left = kept && within(kept, now)
    if (left !== kept) await this.keepDay(left)
    return left
  }

  keepDay(day: Day | undefined): Promise<void> {
    return this.write(['day'], (of) => void (day ? of.objectStore('day').put(day, 'day') : of.objectStore('day').delete('day')))
  }

  /** Close the shelf, so that nobody waits for it. */
  close(): void {
    this.base.close()
  }

  private write(stores: string[], act: (of: IDBTransaction) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const of = this.base.transaction(stores, 'readwrite', { durability: 'strict' })
      of.oncomplete = () => resolve()
      of.onabort = of.onerror = () => reject(of.error ?? new Error('This phone could not keep it.'))
      act(of)
    })
  }
}

function result<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error ?? new Error('This phone could not read what it keeps.'))
  })
}
