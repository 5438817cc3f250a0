/** One line on stderr that is written over while work goes on; off a terminal, a new line every ten seconds. */
export interface LiveLine {
  show(text: string): void
  /** A line that stays. */
  note(text: string): void
  end(): void
}

const PLAIN_EVERY_MS = 10_000
const REDRAW_EVERY_MS = 200

export function liveLine(stream: NodeJS.WriteStream = process.stderr): LiveLine {
  let last = Number.NEGATIVE_INFINITY
  let open = false
  return {
    show(text) {
      const now = performance.now()
      if (now - last < (stream.isTTY ? REDRAW_EVERY_MS : PLAIN_EVERY_MS)) return
      last = now
      open = stream.isTTY
      stream.write(stream.isTTY ? `\r\x1b[2K${text.slice(0, (stream.columns ?? 120) - 1)}` : `${text}\n`)
    },
    note(text) {
      stream.write(`${open ? '\r\x1b[2K' : ''}${text}\n`)
      open = false
    },
    end() {
      if (open) stream.write('\r\x1b[2K')
      open = false
    },
  }
}
