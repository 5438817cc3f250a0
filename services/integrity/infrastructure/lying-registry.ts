import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'

/** What the registry says when it is asked for the schema of an id. Everything else it answers as it is. */
export type Lie = 'none' | 'silence' | 'error' | 'garbage' | 'not found' | 'a stranger'

export interface LyingRegistry extends Closable {
  readonly url: string
  tell(lie: Lie): void
  /** Times that it lied since it was told to. */
  lies(): number
}

const STRANGER = JSON.stringify({ type: 'record', name: 'eshop.Stranger', fields: [] })

/** Stands before a registry and does not always tell the truth. */
export async function lyingRegistry(registryUrl: string): Promise<LyingRegistry> {
  let told: Lie = 'none'
  let lies = 0
  const held = new Set<ServerResponse>()

  function lie(response: ServerResponse): void {
    lies += 1
    switch (told) {
      case 'silence':
        held.add(response)
        return
      case 'error':
        response.writeHead(500).end('{"error_code":50001,"message":"the store is away"}')
        return
      case 'garbage':
        response.writeHead(200).end('<html>it works!</html>')
        return
      case 'not found':
        response.writeHead(404).end('{"error_code":40403,"message":"Schema not found"}')
        return
      default:
        response.writeHead(200).end(JSON.stringify({ schema: STRANGER }))
    }
  }

  const server = createServer((request, response) => {
    if (told !== 'none' && /\/schemas\/ids\/\d+$/.test(request.url ?? '')) return lie(response)
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece
    })
    request.on('end', async () => {
      const type = request.headers['content-type']
      try {
        const answer = await fetch(`${new URL(registryUrl).origin}${request.url}`, {
          method: request.method ?? 'GET',
          ...(type !== undefined && { headers: { 'content-type': type } }),
          ...(body !== '' && { body }),
        })
        response.writeHead(answer.status).end(await answer.text())
      } catch {
        response.destroy()
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { pathname } = new URL(registryUrl)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    tell(lie) {
      told = lie
      lies = 0
      for (const response of held) response.destroy()
      held.clear()
    },
    lies: () => lies,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
