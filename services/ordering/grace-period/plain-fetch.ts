import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'

/** What the registry's client asks of `fetch`. */
interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

/**
 * `fetch` as far as one question to the registry needs it. Loading Node's own takes more CPU than all the rest of a run that has orders to
 * confirm (50 of 200 ms), and there is such a run every few seconds.
 */
function ask(
  url: string,
  { method = 'GET', headers = {}, body, signal }: Asked,
): Promise<{ ok: boolean; status: number; text(): Promise<string> }> {
  const send = url.startsWith('https:') ? overHttps : overHttp
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, agent: false, ...(signal && { signal }) }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      response.on('error', reject)
      response.on('end', () => {
        const status = response.statusCode ?? 0
        resolve({ ok: status >= 200 && status < 300, status, text: async () => text })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

export const plainFetch = ask as unknown as typeof fetch
