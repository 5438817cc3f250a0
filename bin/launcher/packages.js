import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withLock } from './lock.js'
import { npm } from './npm.js'
import { root } from './places.js'

/** Installs what package-lock.json asks for, unless it is there. */
export async function installPackages(node) {
  if (isInstalled()) return
  await withLock(async () => {
    if (isInstalled()) return // somebody else was quicker
    // npm runs on the Node that will run the packages, so that their install scripts see the right one.
    const PATH = `${dirname(node)}:${process.env.PATH}`
    await npm(['ci'], { cwd: root, env: { PATH }, watch: join(root, 'node_modules'), title: 'packages' })
  })
}

/** Compares the lock file with npm's own record of what it put into node_modules, which it writes last. */
function isInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const present = packagesOf(join(root, 'node_modules/.package-lock.json'))
  if (wanted === undefined || present === undefined) return false
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === '' || (optional && !(path in present))) continue // optional: may be for another platform
    if (present[path]?.version !== version) return false
  }
  return Object.keys(present).every((path) => path in wanted)
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}
