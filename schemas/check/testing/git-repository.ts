import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A git repository in a temporary folder, for one test. Removed at the end of its scope. */
export class TestRepository implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'schema-check-'))
  #day = 0

  constructor() {
    this.git('init', '-q', '-b', 'main')
    this.git('config', 'user.name', 'test')
    this.git('config', 'user.email', 'test@localhost')
    this.git('config', 'commit.gpgsign', 'false')
  }

  /** Writes a file: a text as it is, anything else as JSON with two spaces. */
  write(path: string, content: unknown): void {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`)
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(join(this.folder, to)), { recursive: true })
    renameSync(join(this.folder, from), join(this.folder, to))
  }

  remove(path: string): void {
    rmSync(join(this.folder, path))
  }

  commit(message = 'change'): string {
    this.git('add', '-A')
    const date = `2026-01-${String(++this.#day).padStart(2, '0')}T12:00:00Z`
    this.git('commit', '-q', '--allow-empty', '-m', message, '--date', date)
    return this.git('rev-parse', 'HEAD').trim()
  }

  git(...parameters: readonly string[]): string {
    return execFileSync('git', ['-C', this.folder, ...parameters], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
