import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export interface TailOptions {
  readonly lines?: number
  readonly maxBytes?: number
  /** Nothing before this is read: what an earlier process wrote. */
  readonly fromByte?: number
}

/** The last lines of a log for a person, empty if there is none. Reads only its end, however long it is. */
export function tailOf(file: string, { lines = 15, maxBytes = 65_536, fromByte = 0 }: TailOptions = {}): string {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    return ''
  }
  try {
    const { size } = fstatSync(descriptor)
    const start = Math.max(fromByte, size - maxBytes)
    const buffer = Buffer.alloc(Math.max(0, size - start))
    readSync(descriptor, buffer, 0, buffer.length, start)
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).map(readable).join('\n')
  } finally {
    closeSync(descriptor)
  }
}

interface LogLine {
  readonly time?: string
  readonly msg?: string
  readonly err?: { readonly message?: string }
}

/** Our programs log JSON: of such a line the time, the message and the error's. Other lines stay as they are. */
function readable(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const { time, msg, err } = JSON.parse(line) as LogLine
    return [time, msg, err?.message].filter(Boolean).join('  ')
  } catch {
    return line
  }
}
