import net from 'node:net'
import type { ISocketFactory } from 'kafkajs'
import { CodedError } from '#pipelines/kernel/errors.ts'

/** Sockets that a test can cut: while the network is down, open ones break and new ones are refused. */
export interface BreakableNetwork {
  readonly socketFactory: ISocketFactory
  goDown(): void
  comeUp(): void
}

const REFUSING_PORT = 1

export function breakableNetwork(): BreakableNetwork {
  const sockets = new Set<net.Socket>()
  let isDown = false
  return {
    socketFactory({ host, port, onConnect }) {
      const socket = net.connect({ host, port: isDown ? REFUSING_PORT : port }, onConnect)
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      return socket
    },
    goDown() {
      isDown = true
      for (const socket of sockets) socket.destroy(new CodedError('ECONNRESET', 'cut by the test'))
    },
    comeUp() {
      isDown = false
    },
  }
}
