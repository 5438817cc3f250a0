import { createRequire } from 'node:module'
import type { Log } from '#pipelines/kernel/log.ts'

type Kernel = typeof import('#pipelines/kernel/log.ts')

const METHODS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/**
 * The log of `createLog`, made when something is written for the first time. Loading it costs a fifth of a short run, and most of
 * those write nothing.
 */
export function lazyLog(name: string, level: string): Log {
  return deferred(() => (createRequire(import.meta.url)('#pipelines/kernel/log.ts') as Kernel).createLog(name, level))
}

function deferred(make: () => Log): Log {
  let made: Log | undefined
  const log = () => {
    made ??= make()
    return made
  }
  const methods = METHODS.map((method) => [method, (...args: [object, string?]) => log()[method](...args)] as const)
  const light = { ...Object.fromEntries(methods), child: (bindings: object) => deferred(() => log().child(bindings)) }
  // Whatever else somebody asks of it makes the real one.
  return new Proxy(light, {
    get: (known, property) =>
      property in known ? known[property as keyof typeof known] : Reflect.get(log(), property),
  }) as unknown as Log
}
