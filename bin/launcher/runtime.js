import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.js'
import { npm } from './npm.js'
import { home } from './places.js'

const OLDEST = 24
const VERSION = '26.10.0'
const directory = join(home, 'runtime')
const program = join(directory, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** The path of a Node that runs TypeScript: ours if it is new enough, else one from npm, fetched once into `.eshop/`. */
export async function findRuntime() {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST) return process.execPath
  if (!works()) await withLock(async () => works() || fetchRuntime())
  return program
}

/** Asking it is the proof that it is complete: a fetch may have been killed half-way. */
function works() {
  try {
    return (
      execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() ===
      `v${VERSION}`
    )
  } catch {
    return false
  }
}

async function fetchRuntime() {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const manifest = { private: true, dependencies: { node: VERSION }, allowScripts: { [`node@${VERSION}`]: true } }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest, null, 2))
  await npm(['install', '--ignore-scripts=false'], {
    cwd: directory,
    watch: join(directory, 'node_modules'),
    title: `Node ${VERSION} (this machine has ${process.versions.node})`,
  })
}
