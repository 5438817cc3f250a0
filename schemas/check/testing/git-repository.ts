import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const CONFIG = '[user]\n\tname = test\n\temail = test@localhost\n[commit]\n\tgpgsign = false\n'

/** 2026-01-01, in seconds; each commit is a day later. */
const FIRST_DAY = 1_767_225_600

/** A git repository in a temporary folder, for one test. Removed at the end of its scope. */
export class TestRepository implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'schema-check-'))
  #commits = 0
  #isRepository = false

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
    const date = `${FIRST_DAY + ++this.#commits * 86_400} +0000`
    this.git('commit', '-q', '--allow-empty', '-m', message, '--date', date)
    return this.git('rev-parse', 'HEAD').trim()
  }

  /** Runs git in the folder, which becomes a repository with the first call. */
  git(...parameters: readonly string[]): string {
    if (!this.#isRepository) {
      this.#isRepository = true
      this.#run('init', '-q', '-b', 'main')
      writeFileSync(join(this.folder, '.git/config'), CONFIG, { flag: 'a' })
    }
    return this.#run(...parameters)
  }

  #run(...parameters: readonly string[]): string {
    return execFileSync('git', ['-C', this.folder, ...parameters], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
