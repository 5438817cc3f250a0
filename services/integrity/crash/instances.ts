import { join } from 'node:path'
import type { Chance } from '#pipelines/kernel/chance.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { nodeProgramLaunch } from '#pipelines/local/parts/node-program.ts'
import { freePorts } from '#pipelines/local/ports.ts'
import { spawnPart } from '#pipelines/local/process/launch.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { environmentOf } from '#pipelines/local/shop-environment.ts'
import type { LocalShop } from '#services/e2e/harness/local-shop.ts'

const SERVICES = ['basket', 'catalog', 'ordering', 'payment'] as const

/** A second instance of a service, for so many milliseconds; then it is killed, or asked to end. Groups and slots are shared out anew each time. */
async function secondInstance(
  shop: LocalShop,
  name: (typeof SERVICES)[number],
  forMs: number,
  isKilled: boolean,
): Promise<void> {
  const env = environmentOf(readSettings({ ...process.env, ...shop.env }))
  const { http } = await freePorts('http')
  const launch = nodeProgramLaunch({
    name,
    program: `services/${name}/main.ts`,
    env: { ...shop.env, ...env.common, ...env.of[name] },
    logFile: join(shop.home, 'logs', `${name}-2.log`),
    port: http,
  })
  const instance = await spawnPart(launch)
  await pause(forMs)
  if (isKilled) process.kill(instance.pid, 'SIGKILL')
  await instance.close()
}

/** For so long, second instances of every service come and go. Returns how many there were. */
export async function comeAndGo(shop: LocalShop, durationMs: number, chance: Chance): Promise<number> {
  const until = performance.now() + durationMs
  const counts = await Promise.all(
    SERVICES.map(async (name, index) => {
      const own = chance.fork(index)
      let count = 0
      for (; performance.now() < until; count++) {
        await secondInstance(shop, name, own.between(2_000, 8_000), own.next() < 0.5)
        await pause(own.between(0, 3_000))
      }
      return count
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
