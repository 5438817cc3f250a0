import { pause } from '#pipelines/kernel/lifecycle.ts'
import { type LogRecord, type Place, placeKey, type RecordRun, type Taker } from '../source.ts'

/** One handing over: how far it went, and how many records the source said wait behind it. */
export interface Told extends Place {
  readonly last: number
  readonly behind: number | undefined
}

export interface Member {
  readonly taker: Taker
  /** Every assignment, the last one last. */
  readonly given: readonly (readonly Place[])[]
  /** The places it was asked to take records of. */
  readonly asked: ReadonlySet<string>
  readonly told: readonly Told[]
  readonly failures: readonly unknown[]
  /** How often it said that it is still waiting. */
  readonly alive: number
}

/**
 * What took records in, as ClickHouse would: shared by all members of a group, so that a place is read on from where anybody took it to. Anything
 * handed over that is not the very next record is noted as wrong.
 */
export class Store {
  readonly records = new Map<string, LogRecord[]>()
  readonly wrong: string[] = []
  readonly next = new Map<string, number>()
  readonly owners = new Map<string, string>()

  /** A member of the group. `hold`: it has no room until that resolves. */
  member(name: string, { hold }: { hold?: () => Promise<void> | undefined } = {}): Member {
    const given: (readonly Place[])[] = []
    const asked = new Set<string>()
    const told: Told[] = []
    const failures: unknown[] = []
    let alive = 0
    const taker: Taker = {
      assigned: async (places) => {
        given.push(places)
        for (const place of places) this.owners.set(placeKey(place), name)
        return new Map(places.map((place) => [placeKey(place), this.next.get(placeKey(place)) ?? 0]))
      },
      take: (place, run, stillAlive, behind) => {
        asked.add(placeKey(place))
        told.push({ ...place, last: run.offsets[run.count - 1] as number, behind })
        const waiting = hold?.()
        if (!waiting) return this.#keep(name, place, run)
        const over = given.length
        return (async () => {
          for (let done = false; !done; ) {
            done = await Promise.race([waiting.then(() => true), pause(200).then(() => false)])
            await stillAlive()
            alive++
          }
          if (over === given.length) this.#keep(name, place, run)
        })()
      },
      failed: (error) => void failures.push(error),
    }
    return {
      taker,
      given,
      asked,
      told,
      failures,
      get alive() {
        return alive
      },
    }
  }

  count(topic: string): number {
    let sum = 0
    for (const [key, own] of this.records) if (key.startsWith(`${topic}/`)) sum += own.length
    return sum
  }

  values(topic: string, partition: number): (string | null)[] {
    return (this.records.get(`${topic}/${partition}`) ?? []).map(({ value }) => (value === null ? null : String(value)))
  }

  #keep(name: string, place: Place, run: RecordRun) {
    const key = placeKey(place)
    const own = this.records.get(key) ?? []
    this.records.set(key, own)
    for (let i = 0; i < run.count; i++) {
      const record = run.record(i)
      if (this.owners.get(key) !== name) this.wrong.push(`${name} hands over ${key} of ${this.owners.get(key)}`)
      if (record.offset < (this.next.get(key) ?? 0)) this.wrong.push(`${name} hands over ${key} ${record.offset} again`)
      own.push(record)
      this.next.set(key, record.offset + 1)
    }
  }
}
