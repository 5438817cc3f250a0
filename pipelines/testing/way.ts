import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'

/** A way to a server that a test can break. */
export interface Way extends Closable {
  readonly port: number
  /** Open connections break, new ones are refused. */
  cut(): Promise<void>
  /** Passes nothing in either direction; connections stay open. */
  freeze(): void
  /** Lets requests through and then breaks the connection before a byte of the answer comes back. */
  loseAnswers(): void
  /** Every piece waits so long, in milliseconds. */
  delay(ms: number): void
  /** As if nothing had happened. */
  mend(): Promise<void>
}

type Mode = 'open' | 'frozen' | 'answers lost'

export async function openWay(target: { readonly host: string; readonly port: number }): Promise<Way> {
  const sockets = new Set<Socket>()
  let mode: Mode = 'open'
  let delayMs = 0
  let port = 0
  let server: Server = createServer()

  function carry(from: Socket, to: Socket, isAnswer: boolean): void {
    let last = Promise.resolve()
    from.on('data', (bytes: Buffer) => {
      if (mode === 'answers lost' && isAnswer) {
        from.destroy()
        to.destroy()
        return
      }
      last = last.then(async () => {
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
        while (mode === 'frozen' && !to.destroyed) await new Promise((resolve) => setTimeout(resolve, 20))
        if (!to.destroyed) to.write(bytes)
      })
    })
    from.on('end', () => void last.then(() => to.end()))
    from.on('close', () => void last.then(() => to.destroy()))
    from.on('error', () => to.destroy())
  }

  function listen(): Promise<void> {
    server = createServer((socket) => {
      const onward = connect(target.port, target.host)
      for (const each of [socket, onward]) {
        each.setNoDelay(true)
        sockets.add(each)
        each.on('close', () => sockets.delete(each))
      }
      carry(socket, onward, false)
      carry(onward, socket, true)
    })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  }

  async function cut(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }

  await listen()
  port = (server.address() as AddressInfo).port
  return {
    get port() {
      return port
    },
    cut,
    freeze() {
      mode = 'frozen'
    },
    loseAnswers() {
      mode = 'answers lost'
    },
    delay(ms) {
      delayMs = ms
    },
    async mend() {
      mode = 'open'
      delayMs = 0
      if (!server.listening) await listen()
    },
    close: async () => {
      if (server.listening) await cut()
    },
  }
}
