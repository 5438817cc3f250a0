import { spawn } from 'node:child_process'
import { CheckError } from '../errors.ts'

/** Runs git in one folder. Each call is one process, so callers ask for much at once. */
export class Git {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** What git prints. Throws CheckError with git's own words when it fails. */
  async run(parameters: readonly string[], input = ''): Promise<Buffer> {
    const { code, out, said } = await this.#spawn(parameters, input)
    if (code === 0) return out
    throw new CheckError('GIT', `git ${parameters[0]} failed: ${said.trim() || `exit ${code}`}`)
  }

  async text(...parameters: readonly string[]): Promise<string> {
    return (await this.run(parameters)).toString('utf8')
  }

  /** The contents of blobs by their ids, through one `cat-file --batch`. */
  async blobs(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const contents = new Map<string, string>()
    if (ids.length === 0) return contents
    const out = await this.run(['cat-file', '--batch'], `${ids.join('\n')}\n`)
    for (let at = 0; at < out.length; ) {
      const end = out.indexOf(10, at)
      const [id = '', type, size] = out.toString('latin1', at, end).split(' ')
      if (type !== 'blob')
        throw new CheckError('GIT', `git has no content for ${id}.`, {
          hint: 'Fetch the whole history: git fetch --unshallow --refetch.',
        })
      contents.set(id, out.toString('utf8', end + 1, end + 1 + Number(size)))
      at = end + 2 + Number(size)
    }
    return contents
  }

  #spawn(parameters: readonly string[], input: string): Promise<{ code: number | null; out: Buffer; said: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn('git', ['-C', this.#folder, ...parameters], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: gitEnv(),
      })
      const chunks: Buffer[] = []
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk
      })
      child.on('error', (cause) => {
        reject(
          new CheckError('NO_GIT', 'git could not be started.', {
            hint: 'Install git, or compare against the lock file.',
            cause,
          }),
        )
      })
      child.on('close', (code) => resolve({ code, out: Buffer.concat(chunks), said }))
      child.stdin.on('error', () => {}) // git ended before it read all; its exit code tells
      child.stdin.end(input)
    })
  }
}

/** Plain English and no prompt, whatever the machine is set to; and no locks, so that a running git is never disturbed. */
function gitEnv(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' }
}
