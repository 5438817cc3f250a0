import { Unavailable } from '#pipelines/kernel/errors.ts'
import type { Shop } from './shop.ts'

/** Asks every part whether it is there, before anything is played. @throws Unavailable `SHOP_AWAY` naming those that are not */
export async function requireShop({ endpoints, transport }: Shop): Promise<void> {
  const { clickhouse, identity, ...services } = endpoints
  const pages = [
    ...Object.entries(services).map(([name, url]) => [name, `${url}/health/ready`] as const),
    ['identity', `${identity}/health/live`] as const,
    ['clickhouse', `${clickhouse}/ping`] as const,
  ]
  const away = await Promise.all(
    pages.map(async ([name, url]) => {
      const answer = await transport
        .persist({ method: 'GET', url, timeoutMs: 3_000 }, { attempts: 3 })
        .catch(() => undefined)
      return answer?.status === 200 ? [] : [`${name} (${url})`]
    }),
  )
  if (away.flat().length > 0)
    throw new Unavailable('SHOP_AWAY', `not there: ${away.flat().join(', ')}. \`npm start\` starts the shop`)
}
