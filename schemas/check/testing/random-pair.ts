import type { Pair } from '../oracle/java.ts'
import { mutated } from './mutate-schema.ts'
import { seeded } from './random.ts'
import { randomRecord, randomSchema } from './random-schema.ts'

/** A random schema and a mutated copy of it, either of them the reader. The same seed gives the same pair. */
export function randomPair(seed: number): Pair {
  const random = seeded(seed)
  const schema = random.chance(0.7) ? randomRecord(random) : randomSchema(random)
  const other = mutated(schema, random)
  const pair = [JSON.stringify(schema), JSON.stringify(other)] as const
  return random.chance(0.5) ? pair : [pair[1], pair[0]]
}
