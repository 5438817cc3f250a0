import { Agent, request } from 'node:http'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'

export interface Answer<T = unknown> {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: T
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Milliseconds without an answer until the call counts as failed. Default 10 000. */
  readonly timeoutMs?: number
}

/** Sends JSON over kept connections. Resolves with any status; throws {@link Unavailable} when there is no answer. */
export interface Transport {
  send<T>(call: Call): Promise<Answer<T>>
  /**
   * As a good client does: repeats what got no answer, 429, 503, or that the first attempt is still at work, waiting as long as
   * Retry-After says. Only for calls that are safe to repeat: reads, writes that say what shall be, and those under an idempotency key.
   */
  persist<T>(call: Call, options?: { attempts?: number; signal?: AbortSignal }): Promise<Answer<T>>
  close(): void
}

export interface TransportOptions {
  readonly maxSockets?: number
  /** Told of every answer, also of those that are repeated. */
  readonly onAnswer?: (call: Call, status: number, headers: Answer['headers']) => void
}

export function createTransport({ maxSockets = 64, onAnswer }: TransportOptions = {}): Transport {
  const agent = new Agent({ keepAlive: true, maxSockets })

  function send<T>({ method, url, token, headers = {}, body, timeoutMs = 10_000 }: Call): Promise<Answer<T>> {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(new Unavailable('NO_ANSWER', `${method} ${url}: ${cause.message}`, { cause }))
      const outgoing = request(
        url,
        {
          method,
          agent,
          timeout: timeoutMs,
          headers: {
            accept: 'application/json',
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', fail)
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            onAnswer?.({ method, url }, incoming.statusCode ?? 0, incoming.headers)
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: parse(text) as T })
          })
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Unavailable('TIMEOUT', `no answer within ${timeoutMs} ms`)))
      outgoing.on('error', fail)
      outgoing.end(payload)
    })
  }

  async function persist<T>(call: Call, { attempts = 12, signal }: { attempts?: number; signal?: AbortSignal } = {}) {
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= attempts || signal?.aborted === true
      const answer = await send<T>(call).catch((error: unknown) => {
        if (last) throw error
        return undefined
      })
      if (answer && (last || !asksToWait(answer))) return answer
      const asked = Number(answer?.headers['retry-after'])
      await pause(Math.max(backoffMs(attempt), Number.isFinite(asked) ? asked * 1000 : 0), signal)
    }
  }

  return { send, persist, close: () => agent.destroy() }
}

function asksToWait({ status, body }: Answer): boolean {
  return status === 503 || status === 429 || (body as { code?: string } | undefined)?.code === 'IDEMPOTENCY_IN_FLIGHT'
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
