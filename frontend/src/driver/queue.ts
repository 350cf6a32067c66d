// What was seen at doors and is not sent yet: kept before anything else, sent in the order of each stop, once. Nothing
// here knows of browsers: where facts lie (Shelf) and how they go (Wire) are given, so that both can be taken away at
// any moment.

export type ProofKind = 'photo' | 'signature' | 'barcode' | 'pin' | 'age'

/** A proof; without bytes its id says all, such as that of a parcel that was scanned. */
export interface Proof {
  id: string
  delivery: string
  kind: ProofKind
  media: string
  bytes: ArrayBuffer | null
  sent: boolean
}

export interface NewFact {
  id: string
  person: string
  delivery: string
  type: 'call' | 'start_to_dropoff' | 'arrive_at_dropoff' | 'deliver' | 'attempt' | 'start_return' | 'take_back'
  occurred_at: string
  reason: string
  note: string
  neighbour: { name: string; number: string } | null
  proofs: { kind: ProofKind; proof_id: string }[]
  /** Until then it can be undone [ms since 1970]. */
  due: number
  /** Why the server did not take it; empty: it was not asked yet. */
  refused: string
}

/** A fact on the shelf, which numbers what is put on it. */
export interface Fact extends NewFact {
  number: number
}

/** Where facts and proofs lie: each call is done whole or not at all, and stays done. */
export interface Shelf {
  facts(): Promise<Fact[]>
  add(fact: NewFact): Promise<Fact>
  change(fact: Fact): Promise<void>
  /** Take a fact away; its proofs stay. */
  retract(fact: Fact): Promise<void>
  /** Take a fact and its proofs away, and remember the state that its delivery has by now. */
  taken(fact: Fact, state: string): Promise<void>
  proofs(delivery: string): Promise<Proof[]>
  keep(proof: Proof): Promise<void>
  forget(proof: Proof): Promise<void>
}

/** What became of something sent. `later`: this stop must wait; `offline`, `signed_out`: all must. */
export type Answer =
  | { kind: 'taken'; state: string }
  | { kind: 'refused'; words: string }
  | { kind: 'later' }
  | { kind: 'offline' }
  | { kind: 'signed_out' }

export interface Wire {
  upload(proof: Proof): Promise<Answer>
  tell(fact: Fact): Promise<Answer>
}

export type Stopped = '' | 'later' | 'offline' | 'signed_out'

/** How long something can be undone [ms]. */
export const HELD_MS = 30_000

export class Queue {
  private running: Promise<Stopped> | undefined
  private readonly sending = new Set<number>()

  constructor(
    private readonly shelf: Shelf,
    private readonly wire: Wire,
    private readonly person: string,
    private readonly clock: () => number = Date.now,
  ) {}

  /** Keep a fact; when this is done it survives whatever happens to the page. */
  tell(fact: Omit<NewFact, 'person' | 'due' | 'refused' | 'occurred_at'>, held = HELD_MS): Promise<Fact> {
    const now = this.clock()
    const whole = { ...fact, person: this.person, due: now + held, refused: '', occurred_at: new Date(now).toISOString() }
    return this.shelf.add(whole)
  }

  /** Take a fact back that has not been sent, and say whether that was so; its proofs are there for the next try. */
  async undo(fact: Fact): Promise<boolean> {
    if (this.sending.has(fact.number) || !(await this.mine()).some((one) => one.number === fact.number)) return false
    if (!fact.refused && fact.due <= this.clock()) return false
    await this.shelf.retract(fact)
    return true
  }

  /** Send a fact once more that was refused. */
  async again(fact: Fact): Promise<void> {
    await this.shelf.change({ ...fact, refused: '' })
  }

  /** Send what is due, and say what stopped it; asked again meanwhile, it is the same sending. */
  flush(): Promise<Stopped> {
    this.running ??= this.send().finally(() => (this.running = undefined))
    return this.running
  }

  /** Return what this person has told and the server has not taken, in the order in which it happened. */
  async mine(): Promise<Fact[]> {
    const facts = await this.shelf.facts()
    return facts.filter((fact) => fact.person === this.person).sort((one, other) => one.number - other.number)
  }

  private async send(): Promise<Stopped> {
    let stopped: Stopped = ''
    for (const facts of byStop(await this.mine())) {
      for (const [place, fact] of facts.entries()) {
        if (fact.refused) continue
        if (place === facts.length - 1 && fact.due > this.clock()) break // a later one would mean it
        const answer = await this.sendOne(fact)
        if (answer.kind === 'offline' || answer.kind === 'signed_out') return answer.kind
        if (answer.kind === 'later') {
          stopped = 'later'
          break
        }
        if (answer.kind === 'refused') await this.shelf.change({ ...fact, refused: answer.words })
        else await this.shelf.taken(fact, answer.state)
      }
    }
    return stopped
  }

  private async sendOne(fact: Fact): Promise<Answer> {
    this.sending.add(fact.number)
    try {
      const named = new Set(fact.proofs.map((proof) => proof.proof_id))
      for (const proof of await this.shelf.proofs(fact.delivery)) {
        if (!named.has(proof.id) || !proof.bytes || proof.sent) continue
        const answer = await this.wire.upload(proof)
        if (answer.kind !== 'taken') return answer
        await this.shelf.keep({ ...proof, sent: true })
      }
      return await this.wire.tell(fact)
    } finally {
      this.sending.delete(fact.number)
    }
  }
}

/** Return facts stop by stop, stops in the order of their first fact. */
function byStop(facts: readonly Fact[]): Fact[][] {
  const found = new Map<string, Fact[]>()
  for (const fact of facts) found.set(fact.delivery, [...(found.get(fact.delivery) ?? []), fact])
  return [...found.values()]
}

/** Return what an answer of the server means, by its status; a redirect leads to where people sign in. */
export function meaning(status: number, state: string, words: string): Answer {
  if (status >= 200 && status < 300) return { kind: 'taken', state }
  if (status === 0 || status === 303 || status === 401 || status === 403) return { kind: 'signed_out' }
  if (status === 408 || status === 425 || status === 429 || status >= 500) return { kind: 'later' }
  return { kind: 'refused', words }
}
