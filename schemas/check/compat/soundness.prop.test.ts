import avsc from 'avsc'
import { expect, test } from 'vitest'
import { avroType } from '../../codec/avro/avro-type.ts'
import { type ParsedSchema, parseSchema } from '../avro/parse.ts'
import { Source } from '../avro/source.ts'
import { CheckError } from '../errors.ts'
import { changesBetween } from '../rules/changes.ts'
import { lint } from '../rules/lint.ts'
import { seeded } from '../testing/random.ts'
import { randomPair } from '../testing/random-pair.ts'
import { NoFiniteValue, randomValue } from '../testing/random-value.ts'
import { incompatibilities } from './reference.ts'

const PAIRS = Number(process.env.SCHEMA_CHECK_PAIRS ?? 2_000)
const VALUES = 5
const SEED = Number(process.env.SCHEMA_CHECK_SEED ?? Date.now() % 1_000_000_000)
const REFUSED = new Set(['NOT_PORTABLE', 'UNION_DEFAULT_NOT_FIRST', 'LOGICAL_TYPE_CHANGED'])

/** The pair, when a check finds no error in it: the reference takes it, and so do the rules about other runtimes and logical types. */
function passing([readerText, writerText]: readonly [string, string]): { readonly writer: ParsedSchema } | undefined {
  try {
    const reader = parseSchema(new Source('reader', readerText))
    const writer = parseSchema(new Source('writer', writerText))
    const options = { sensitiveProperty: 'x-sensitive', sensitiveNames: [] }
    const changes = changesBetween(reader.root, writer.root).map(({ observation }) => observation)
    const found = [...lint(reader, options), ...lint(writer, options), ...changes]
    if (found.some(({ rule }) => REFUSED.has(rule)) || incompatibilities(reader.root, writer.root).length > 0)
      return undefined
    return { writer }
  } catch (error) {
    if (error instanceof CheckError) return undefined
    throw error
  }
}

/** Encodes random values with the writer's schema and decodes them with the reader's, as our codec does. Returns how many. */
function decodeSome(readerText: string, writerText: string, writer: ParsedSchema, seed: number): number {
  const random = seeded(seed)
  const encoder = avsc.Type.forSchema(JSON.parse(writerText), { wrapUnions: true })
  const reader = avroType(readerText)
  const resolver = reader.createResolver(avroType(writerText), { ignoreNamespaces: true })
  let decoded = 0
  for (let i = 0; i < VALUES; i++) {
    try {
      reader.fromBuffer(encoder.toBuffer(randomValue(writer.root, random)), resolver)
      decoded++
    } catch (error) {
      if (!(error instanceof NoFiniteValue)) throw error
    }
  }
  return decoded
}

test(
  `what the check calls compatible, our codec decodes: ${PAIRS} pairs from seed ${SEED}`,
  () => {
    let decoded = 0
    const failures: string[] = []
    for (let seed = SEED; seed < SEED + PAIRS; seed++) {
      const pair = randomPair(seed)
      const found = passing(pair)
      if (found === undefined) continue
      try {
        decoded += decodeSome(...pair, found.writer, seed)
      } catch (error) {
        failures.push(`seed ${seed}: ${error}\nreader ${pair[0]}\nwriter ${pair[1]}`)
      }
    }
    expect(failures.slice(0, 3)).toEqual([])
    expect(decoded).toBeGreaterThan(PAIRS)
  },
  Math.max(120_000, 30 * PAIRS),
)
