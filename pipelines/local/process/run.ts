import { spawn } from 'node:child_process'
import { CodedError } from '#pipelines/kernel/errors.ts'

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly runAs?: { readonly uid: number; readonly gid: number } | undefined
  /** Return also what it wrote on standard error. */
  readonly mergeStderr?: boolean
  /** Called with each line of standard output. */
  onLine?(line: string): void
}

/**
 * Runs a program to its end and returns what it wrote on standard output.
 * @throws CodedError `PROGRAM_FAILED` with the end of its output when it does not exit with 0
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options.runAs,
    })
    let out = ''
    let err = ''
    let line = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
      const lines = (line + chunk).split('\n')
      line = lines.pop() ?? ''
      for (const one of lines) options.onLine?.(one)
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
      if (options.mergeStderr) out += chunk
    })
    const fail = (why: string, cause?: unknown) => {
      const output = `${out}\n${err}`.trim()
      const end = output.split('\n').slice(-15).join('\n')
      reject(new CodedError('PROGRAM_FAILED', `${command} ${why}\n${end}`, { cause, facts: { command, output } }))
    }
    child.once('error', (cause) => fail('could not be run', cause))
    child.once('close', (code, signal) =>
      code === 0 ? resolve(out) : fail(`ended with ${signal ?? `exit code ${code}`}`),
    )
  })
}
