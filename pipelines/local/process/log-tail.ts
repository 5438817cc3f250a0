import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** The last lines of a file, empty if there is none. Reads only its end, however long it is. */
export function tailOf(file: string, { lines = 15, maxBytes = 16_384 } = {}): string {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    return ''
  }
  try {
    const { size } = fstatSync(descriptor)
    const buffer = Buffer.alloc(Math.min(size, maxBytes))
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } finally {
    closeSync(descriptor)
  }
}
