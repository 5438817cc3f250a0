import { run } from '../process/run.ts'
import type { Check } from './machine.ts'

const OLDEST_NODE = 24
const OLDEST_NPM = 10

/** The Node that runs this command; the launcher brings it. */
export async function checkNode(): Promise<Check> {
  const { node } = process.versions
  const ok = Number(node.split('.')[0]) >= OLDEST_NODE
  return { name: 'Node', ok, detail: node, fix: 'start through `npx eshop` or `npm start`: they bring the right Node' }
}

export async function checkNpm(): Promise<Check> {
  const fix = `install npm ${OLDEST_NPM} or newer; it comes with Node`
  try {
    const version = (await run('npm', ['--version', '--loglevel=error'])).trim()
    return { name: 'npm', ok: Number(version.split('.')[0]) >= OLDEST_NPM, detail: version, fix }
  } catch {
    return { name: 'npm', ok: false, detail: 'npm is missing or cannot be run', fix }
  }
}
