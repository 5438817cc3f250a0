import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { home } from './places.js'

const file = join(home, 'install.lock')
const TOUCH_EVERY_MS = 5_000
const STALE_AFTER_MS = 60_000

/** Runs `work` while nobody else installs here: two first calls at the same time must not tear each other's node_modules apart. */
export async function withLock(work) {
  mkdirSync(home, { recursive: true })
  for (let waited = false; !tryLock(); waited = true) {
    if (!waited) console.error('Waiting for another eshop that is installing …')
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  const touch = setInterval(() => utimesSync(file, new Date(), new Date()), TOUCH_EVERY_MS)
  const unlock = () => rmSync(file, { force: true })
  process.once('exit', unlock)
  try {
    return await work()
  } finally {
    clearInterval(touch)
    process.off('exit', unlock)
    unlock()
  }
}

function tryLock() {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  if (isStale()) rmSync(file, { force: true })
  return false
}

/** Whether its holder was killed: the process is gone, or has not touched the file for a minute. */
function isStale() {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_AFTER_MS) return true
    const pid = Number(readFileSync(file, 'utf8'))
    if (pid > 0) process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}
