import { CodedError } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'

/** A function and the share of a process's busy time spent in itself. */
export interface Hot {
  readonly where: string
  readonly share: number
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const INSPECTOR = 'http://127.0.0.1:9229/json/list'

/**
 * Where a running Node process spends its time, by sampling it from outside: SIGUSR1 opens its inspector on the loopback address, which
 * is closed again at the end. One process at a time, as all take the same port.
 */
export async function profileOf(pid: number, forMs: number): Promise<readonly Hot[]> {
  process.kill(pid, 'SIGUSR1')
  const session = await connect(await inspectorUrl(pid))
  try {
    await session.send('Profiler.enable')
    await session.send('Profiler.start')
    await pause(forMs)
    const { profile } = (await session.send('Profiler.stop')) as { profile: CpuProfile }
    return hottest(profile)
  } finally {
    const expression = `process.getBuiltinModule('node:inspector').close()`
    await Promise.race([session.send('Runtime.evaluate', { expression }), pause(1_000)])
    session.close()
  }
}

async function inspectorUrl(pid: number): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const answer = await fetch(INSPECTOR).catch(() => undefined)
    const [target] = ((await answer?.json().catch(() => [])) ?? []) as { webSocketDebuggerUrl: string; title: string }[]
    if (target) return target.webSocketDebuggerUrl
    await pause(100)
  }
  throw new CodedError('NO_INSPECTOR', `process ${pid} opened no inspector`)
}

interface Session {
  send(method: string, params?: object): Promise<unknown>
  close(): void
}

async function connect(url: string): Promise<Session> {
  const socket = new WebSocket(url)
  const waiting = new Map<number, (result: unknown) => void>()
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
    if (id !== undefined) waiting.get(id)?.(result)
  })
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new CodedError('NO_INSPECTOR', `nobody answers at ${url}`)))
  })
  return {
    send: (method, params = {}) =>
      new Promise((resolve) => {
        last += 1
        waiting.set(last, resolve)
        socket.send(JSON.stringify({ id: last, method, params }))
      }),
    close: () => socket.close(),
  }
}

const IDLE = new Set(['(idle)', '(program)', '(root)'])

/** Adds up samples by function; idle time does not count. */
export function hottest({ nodes, samples, timeDeltas }: CpuProfile, most = 25): Hot[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, number>()
  let busy = 0
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id)
    const micros = timeDeltas[index] ?? 0
    if (!frame || frame.functionName === '(idle)') continue
    busy += micros
    const where = nameOf(frame)
    times.set(where, (times.get(where) ?? 0) + micros)
  }
  return [...times]
    .map(([where, micros]) => ({ where, share: micros / busy }))
    .sort((a, b) => b.share - a.share)
    .slice(0, most)
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  if (IDLE.has(functionName)) return functionName
  const file = url
    .replace(/^.*\/node_modules\//, '')
    .replace(/^file:\/\/.*\/(?=(services|pipelines|schemas|analytics)\/)/, '')
  return `${functionName || '(anonymous)'} ${file}${file === '' ? '' : `:${lineNumber + 1}`}`
}
