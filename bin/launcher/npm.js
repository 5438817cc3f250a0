import { spawn } from 'node:child_process'
import { trackProgress } from './progress.js'

/** The message says what to do. */
export class NpmFailed extends Error {}

/** Runs npm, shows its progress as the growth of the folder `watch`, and stays quiet about what does not matter. */
export async function npm(args, { cwd, env = {}, watch, title }) {
  const progress = trackProgress(title, watch)
  const options = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  try {
    await run([...args, ...options], { cwd, env: { ...process.env, ...env } })
    progress.done()
  } catch (error) {
    progress.failed()
    throw error
  }
}

function run(args, options) {
  return new Promise((resolve, reject) => {
    const onWindows = process.platform === 'win32'
    const child = spawn(onWindows ? 'npm.cmd' : 'npm', args, {
      ...options,
      shell: onWindows,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    const stop = (signal) => {
      child.kill(signal)
      child.on('close', () => process.exit(signal === 'SIGINT' ? 130 : 143))
    }
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    child.on('error', () =>
      reject(new NpmFailed('npm is missing or cannot be run: install npm 10 or newer, it comes with Node')),
    )
    child.on('close', (code) => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      if (code === 0) return resolve()
      const end = output.trim().split('\n').slice(-20).join('\n')
      reject(
        new NpmFailed(
          `\`npm ${args[0]}\` failed (exit code ${code}). It said:\n${end}\nRun the same command again to go on from here.`,
        ),
      )
    })
  })
}
