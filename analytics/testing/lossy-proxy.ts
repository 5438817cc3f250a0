import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'

/** Where an insert is when something happens to it. */
export type Moment =
  /** Its first bytes have reached ClickHouse. */
  | 'begun'
  /** All of it has; there is no answer yet. */
  | 'sent'
  /** It was acknowledged: the answer is not passed on, and the connection is cut. */
  | 'answered'

/** Stands before ClickHouse and does something to the next insert into a table. */
export interface LossyProxy extends Closable {
  readonly url: string
  /** Once: resolves when an insert into the table is there. The insert goes no further until `then` has resolved. */
  arm(table: string, moment: Moment, then?: () => Promise<void>): Promise<void>
}

interface Armed {
  readonly table: string
  readonly moment: Moment
  readonly fire: () => Promise<void>
}

/** @param target ClickHouse's own HTTP address */
export async function lossyProxy(target: string): Promise<LossyProxy> {
  const { hostname, port } = new URL(target)
  let armed: Armed | undefined

  /** The armed thing if it is for this insert and this moment; it is disarmed. */
  function due(inserted: string | undefined, moment: Moment): Armed | undefined {
    const own = armed?.table === inserted && armed?.moment === moment ? armed : undefined
    if (own) armed = undefined
    return own
  }

  function forward(from: IncomingMessage, to: ServerResponse) {
    const inserted = insertedInto(from.url ?? '')
    const away = () => to.destroy()
    const { method = 'GET', url = '/', headers } = from
    const onwards = request({ hostname, port, method, path: url, headers, agent: false }, async (answer) => {
      const lost = due(inserted, 'answered')
      if (lost) {
        answer.resume()
        answer.once('end', () => void lost.fire().finally(away))
        return
      }
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('error', away).pipe(to)
    })
    onwards.on('error', away)
    to.on('close', () => to.writableFinished || onwards.destroy())
    from.on('data', (chunk: Buffer) => {
      from.pause()
      onwards.write(chunk, async () => {
        await due(inserted, 'begun')?.fire()
        from.resume()
      })
    })
    from.on('end', () =>
      onwards.end(async () => {
        await due(inserted, 'sent')?.fire()
      }),
    )
    from.on('error', away)
  }

  const server = createServer(forward)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm(table, moment, then = async () => {}) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      armed = { table, moment, fire: () => then().then(resolve, reject) }
      return promise
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** The table of an INSERT, whose text stands in the address. */
function insertedInto(url: string): string | undefined {
  const query = new URL(url, 'http://any').searchParams.get('query') ?? ''
  return /^\s*INSERT INTO (?:\w+\.)?(\w+)/.exec(query)?.[1]
}
