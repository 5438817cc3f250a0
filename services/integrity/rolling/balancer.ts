import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'

/** A request that came to nothing, or to an error of the instance's. */
export interface Failure {
  readonly request: string
  readonly why: string
  /** Since the balancer began, milliseconds. */
  readonly atMs: number
}

/** What stands before the instances of one service. */
export interface Balancer extends Closable {
  readonly port: number
  readonly failures: readonly Failure[]
  readonly served: number
  isReady(url: string): boolean
}

/** As often as it looks. A closing instance must go on serving for longer (`DRAIN_MS`). */
const LOOK_EVERY_MS = 200
/** One that is slow to answer is busy, and no reason to send everything to the others; one that says no, or refuses, is out at once. */
const LOOK_WITHIN_MS = 5_000

/**
 * A load balancer of the plainest kind: asks every instance's `/health/ready` five times a second, hands each request to the next one that
 * is ready, over kept connections, and never asks twice. An instance that dies takes the requests in its hands with it.
 */
export async function startBalancer(instances: readonly string[], port = 0): Promise<Balancer> {
  const began = performance.now()
  const agent = new Agent({ keepAlive: true })
  const looks = new Agent({ keepAlive: false })
  /** Why an instance gets no requests; undefined for one that does. */
  const unready = new Map<string, string | undefined>(instances.map((url) => [url, 'never asked']))
  const failures: Failure[] = []
  const closing = new AbortController()
  let served = 0
  let turn = 0

  const look = (url: string): Promise<string | undefined> =>
    new Promise((resolve) => {
      const asked = request(`${url}/health/ready`, { agent: looks, timeout: LOOK_WITHIN_MS }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        answer.on('close', () => resolve(answer.statusCode === 200 ? undefined : text))
      })
      asked.on('timeout', () => asked.destroy(new CodedError('NO_ANSWER', `no answer within ${LOOK_WITHIN_MS} ms`)))
      asked.on('error', (error) => resolve(error.message))
      asked.end()
    })

  async function keepLooking(url: string): Promise<void> {
    while (!closing.signal.aborted) {
      unready.set(url, await look(url))
      await pause(LOOK_EVERY_MS, closing.signal)
    }
  }

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url, headers } = incoming
    const fail = (why: string) => {
      if (!closing.signal.aborted)
        failures.push({ request: `${method} ${url}`, why, atMs: Math.round(performance.now() - began) })
    }
    const there = instances.filter((each) => unready.get(each) === undefined)
    const instance = there[turn++ % there.length]
    if (instance === undefined) {
      fail(`no instance was ready: ${instances.map((each) => unready.get(each)).join('; ')}`)
      outgoing.writeHead(503, { 'retry-after': '1' }).end()
      return
    }
    const handed = request(`${instance}${url}`, { method, headers, agent }, (answer) => {
      const status = answer.statusCode ?? 0
      if (status >= 500) fail(`${status} of ${instance}`)
      else served += 1
      // What is meant for the connection to the instance is not for the client's.
      const { connection: _, 'keep-alive': __, ...rest } = answer.headers
      outgoing.writeHead(status, rest)
      answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
    })
    handed.on('error', (error) => {
      fail(`${error.message} of ${instance}`)
      outgoing.destroy()
    })
    incoming.pipe(handed)
  }

  const server = createServer(pass)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const looking = instances.map(keepLooking)
  return {
    port: (server.address() as AddressInfo).port,
    failures,
    get served() {
      return served
    },
    isReady: (url) => unready.get(url) === undefined,
    async close() {
      closing.abort()
      await Promise.all(looking)
      agent.destroy()
      looks.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
