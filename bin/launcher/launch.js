import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { NpmFailed } from './npm.js'
import { installPackages } from './packages.js'
import { home, root } from './places.js'
import { findRuntime } from './runtime.js'

/** Runs one of our TypeScript programs, given from the root of the clone, on the right Node and ends as it ends. */
export async function launch(program, args) {
  try {
    const node = await findRuntime()
    await installPackages(node)
    handOver(node, join(root, program), args)
  } catch (error) {
    if (!(error instanceof NpmFailed)) throw error
    console.error(`eshop: ${error.message}`)
    process.exit(1)
  }
}

function handOver(node, program, args) {
  const child = spawn(
    node,
    ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', program, ...args],
    {
      // The channel tells the command, by closing, when we are killed: what it started then ends too.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      // Compiled code is kept: a command that says one line should not spend a second on reading its libraries.
      env: { NODE_COMPILE_CACHE: join(home, 'compile-cache'), ...process.env },
    },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`eshop: cannot run ${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
}
