import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { root } from '#pipelines/local/paths.ts'

/** On what a benchmark ran: a number without it says nothing. */
export function machineText(): string {
  const [{ model } = { model: 'unknown CPU' }] = cpus()
  return `${cpus().length} cores (${model.trim()}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, commit ${commit()}`
}

function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'}`
  } catch {
    return 'unknown (no git)'
  }
}
