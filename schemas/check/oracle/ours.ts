import { parseSchema } from '../avro/parse.ts'
import { describe as inWords } from '../avro/schema.ts'
import { Source } from '../avro/source.ts'
import { incompatibilities } from '../compat/reference.ts'
import { CheckError } from '../errors.ts'
import type { JavaAnswer, Pair } from './java.ts'

/** Our answer in the oracle's form: findings as sorted `TYPE location` lines. */
export interface Verdict {
  readonly verdict: JavaAnswer['verdict']
  readonly findings: readonly string[]
  readonly why?: string
}

export function ours([readerText, writerText]: Pair): Verdict {
  try {
    const reader = parseSchema(new Source('reader.avsc', readerText)).root
    const writer = parseSchema(new Source('writer.avsc', writerText)).root
    const found = incompatibilities(reader, writer)
    if (found.some(({ type }) => type === 'AMBIGUOUS_ALIAS')) return { verdict: 'THROWS', findings: [] }
    return {
      verdict: found.length === 0 ? 'COMPATIBLE' : 'INCOMPATIBLE',
      findings: unique(found.map(({ type, location }) => `${type} ${location}`)),
      why: found.map((each) => `${inWords(each.reader)} / ${inWords(each.writer)}`).join('; '),
    }
  } catch (error) {
    if (error instanceof CheckError) return { verdict: 'UNPARSABLE', findings: [], why: String(error) }
    throw error
  }
}

export function theirs(answer: JavaAnswer): Verdict {
  return {
    verdict: answer.verdict,
    findings: unique((answer.findings ?? []).map(([type, location]) => `${type} ${location}`)),
    why: answer.reader ?? answer.writer ?? '',
  }
}

/** What differs, or undefined. */
export function difference(pair: Pair, answer: JavaAnswer): string | undefined {
  const [mine, java] = [ours(pair), theirs(answer)]
  const same = mine.verdict === java.verdict && mine.findings.join() === java.findings.join()
  if (same) return undefined
  const show = ({ verdict, findings, why }: Verdict) => `${verdict} ${findings.join(', ')} (${why})`
  return `ours ${show(mine)}\njava ${show(java)}\nreader ${pair[0]}\nwriter ${pair[1]}`
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)].sort()
}
