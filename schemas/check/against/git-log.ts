/** One file of one commit, as `--raw` tells it. */
export interface RawChange {
  /** A, M, D, R, C or T. */
  readonly status: string
  /** The path before; the same as `path` but for a rename or copy. */
  readonly from: string
  readonly path: string
  /** The blob before, and the one after; all zeros where there is none. */
  readonly fromBlob: string
  readonly blob: string
}

export interface Commit {
  readonly id: string
  /** `YYYY-MM-DD`, of the committer. */
  readonly day: string
  readonly changes: readonly RawChange[]
}

/** The format that `parseLog` reads: an unprintable mark, the id and the day of each commit. */
export const LOG_FORMAT = '--format=%x01%H %cs'

/** Reads `git log --raw -z` in LOG_FORMAT, newest commit first. */
export function parseLog(output: string): readonly Commit[] {
  return output
    .split('\u0001')
    .slice(1)
    .map((part) => {
      const end = part.search(/[\0\n]/)
      const [id = '', day = ''] = part.slice(0, end < 0 ? part.length : end).split(' ')
      return { id, day, changes: end < 0 ? [] : parseRaw(part.slice(end)) }
    })
}

/** Reads the `-z` records of `--raw`: `:modes ids status NUL path NUL`, with two paths for a rename. */
export function parseRaw(output: string): readonly RawChange[] {
  const tokens = output.split('\0').map((token) => token.replace(/^\n/, ''))
  const changes: RawChange[] = []
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? ''
    if (!token.startsWith(':')) continue
    const [, , fromBlob = '', blob = '', code = ''] = token.split(' ')
    const status = code.slice(0, 1)
    const from = tokens[++i] ?? ''
    const path = status === 'R' || status === 'C' ? (tokens[++i] ?? '') : from
    changes.push({ status, from, path, fromBlob, blob })
  }
  return changes
}

export const NO_BLOB = '0'.repeat(40)

export function isBlob({ blob }: Pick<RawChange, 'blob'>): boolean {
  return !/^0+$/.test(blob)
}
