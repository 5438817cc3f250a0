import { StringDecoder } from 'node:string_decoder'
import type { Database } from '#pipelines/kernel/database.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import { appendOutput, type OutputPiece } from '../executions/output.ts'
import { withoutSecrets } from '../secrets.ts'

/** What is kept of a run's output. */
export const KEPT_OUTPUT_BYTES = 64 * 1024
/** What is written down at once: small enough to follow, large enough not to be a row per line. */
const PIECE_BYTES = 8 * 1024

/** How long a run writes before it can be seen from outside. */
const FLUSH_AFTER_MS = 500

type Stream = OutputPiece['stream']
type Write = typeof process.stdout.write

export interface OutputCapture {
  /** What must not be written down. */
  hide(secrets: readonly string[]): void
  /** Writes down what came since the last time; the last time also a line without an end. */
  flush(database: Database, executionId: string, isLast?: boolean): Promise<void>
  /** Has what is written written down soon, by this function, so that it can be followed. */
  attach(flush: () => void): void
  /** Lets the streams be what they were, and gives out what is still held back. */
  end(): void
}

/**
 * Keeps a copy of what this process writes to stdout and stderr. Of a flood between two flushes only the last 64 KB are kept. Text is
 * cleaned by whole lines, since a card number could be cut in two by the pieces it is written in.
 */
export function captureOutput(streams: Record<Stream, NodeJS.WriteStream> = process): OutputCapture {
  const partial: Record<Stream, string> = { stdout: '', stderr: '' }
  const decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() }
  let pending: { stream: Stream; text: string; bytes: number }[] = []
  let pendingBytes = 0
  let total = 0
  let hidden: readonly string[] = []
  let seq = 0
  const kept: { seq: number; bytes: number }[] = []

  let soon: NodeJS.Timeout | undefined
  let flushSoon: (() => void) | undefined

  function add(stream: Stream, text: string) {
    const clean = withoutSecrets(scrub(text), hidden).replaceAll('\0', '').toWellFormed()
    for (let start = 0; start < clean.length; start += PIECE_BYTES) {
      const piece = clean.slice(start, start + PIECE_BYTES)
      const bytes = Buffer.byteLength(piece)
      const last = pending.at(-1)
      if (last?.stream === stream && last.bytes + bytes <= PIECE_BYTES) {
        last.text += piece
        last.bytes += bytes
      } else pending.push({ stream, text: piece, bytes })
      pendingBytes += bytes
      total += bytes
    }
    while (pendingBytes > KEPT_OUTPUT_BYTES) pendingBytes -= pending.shift()?.bytes ?? pendingBytes
    if (flushSoon && !soon) soon = setTimeout(flushSoon, FLUSH_AFTER_MS).unref()
  }

  function take(stream: Stream, chunk: string | Uint8Array) {
    const all = partial[stream] + (typeof chunk === 'string' ? chunk : decoders[stream].write(Buffer.from(chunk)))
    const end = all.lastIndexOf('\n') + 1
    if (end > 0) add(stream, all.slice(0, end))
    partial[stream] = all.slice(end)
    // A line without an end is not waited for for ever.
    if (partial[stream].length > PIECE_BYTES) giveOut(stream)
  }
  function giveOut(stream: Stream) {
    if (partial[stream] !== '') add(stream, partial[stream])
    partial[stream] = ''
  }

  let flushing: Promise<void> = Promise.resolve()
  async function writeDown(database: Database, executionId: string): Promise<void> {
    if (pending.length === 0) return
    const pieces = pending.map(({ stream, text, bytes }) => ({ seq: ++seq, stream, text, bytes }))
    pending = []
    pendingBytes = 0
    kept.push(...pieces)
    let keptBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0)
    while (keptBytes > KEPT_OUTPUT_BYTES) keptBytes -= kept.shift()?.bytes ?? keptBytes
    await appendOutput(database, executionId, { pieces, keepFrom: kept[0]?.seq ?? 0, total })
  }

  const originals = { stdout: streams.stdout.write, stderr: streams.stderr.write }
  for (const name of ['stdout', 'stderr'] as const) {
    const original = originals[name].bind(streams[name])
    streams[name].write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      take(name, chunk)
      return (original as (...args: unknown[]) => boolean)(chunk, encoding, done)
    }) as Write
  }

  return {
    hide(secrets) {
      hidden = secrets
    },
    attach(flush) {
      flushSoon = flush
      if (pending.length > 0) flush()
    },
    flush(database, executionId, isLast = false) {
      clearTimeout(soon)
      soon = undefined
      if (isLast) for (const name of ['stdout', 'stderr'] as const) giveOut(name)
      // One after the other: what a follower sees has no holes, and the last one is the last.
      flushing = flushing.catch(() => {}).then(() => writeDown(database, executionId))
      return flushing
    },
    end() {
      clearTimeout(soon)
      flushSoon = undefined
      for (const name of ['stdout', 'stderr'] as const) {
        giveOut(name)
        streams[name].write = originals[name]
      }
    },
  }
}
