import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const EVERY_MS = 1_000

/** Shows how a folder grows: a live line on a terminal, else one line at the start and one at the end. On stderr: stdout is the command's. */
export function trackProgress(title, folder) {
  const start = Date.now()
  const live = process.stderr.isTTY && !process.env.CI
  const say = (text) => process.stderr.write(live ? `\r\u001b[K${text}` : `${text}\n`)
  const seconds = () => `${Math.round((Date.now() - start) / 1000)} s`
  let bytes = 0
  let measuring = false
  async function measure() {
    if (measuring) return
    measuring = true
    bytes = await sizeOf(folder)
    measuring = false
    if (live && timer !== undefined) say(`Installing ${title}: ${megabytes(bytes)}, ${seconds()}`)
  }
  say(`Installing ${title} …`)
  let timer = live ? setInterval(measure, EVERY_MS) : undefined
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }
  return {
    async done() {
      stop()
      say(`Installed ${title}: ${megabytes(await sizeOf(folder))} on disk in ${seconds()}`)
      if (live) process.stderr.write('\n')
    },
    failed() {
      stop()
      if (live) process.stderr.write('\n')
    },
  }
}

const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`

/** Bytes of all files below a folder, a file with several names counted once; 0 while the folder is missing. */
async function sizeOf(folder, seen = new Set()) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  let bytes = 0
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) bytes += await sizeOf(path, seen)
    else if (entry.isFile()) bytes += await bytesOf(path, seen)
  }
  return bytes
}

async function bytesOf(path, seen) {
  const { size, nlink, ino } = await stat(path).catch(() => ({ size: 0, nlink: 1, ino: 0 }))
  if (nlink > 1 && seen.has(ino)) return 0
  if (nlink > 1) seen.add(ino)
  return size
}
