import { pause } from '#pipelines/kernel/lifecycle.ts'
import { startLocalShop } from '../e2e/harness/local-shop.ts'
import { cpuSeconds, overFamily, pssMegabytes } from './cpu.ts'
import { machineText } from './machine.ts'

/** What an idle shop costs: CPU and memory of each process, and of all. Goal: each service below 5 % of a core, all below 2.5 GB. */
const WATCH_S = 60
const SETTLE_S = 20

const shop = await startLocalShop()
try {
  await pause(SETTLE_S * 1000)
  const parts = shop.parts()
  const before = new Map(parts.map(({ name, pid }) => [name, overFamily(pid, cpuSeconds)]))
  await pause(WATCH_S * 1000)
  let cores = 0
  let memory = 0
  console.log(
    `${machineText()}\nidle shop, watched for ${WATCH_S} s after ${SETTLE_S} s of rest (grace period task every 5 s)`,
  )
  for (const { name, pid } of parts) {
    const share = (overFamily(pid, cpuSeconds) - (before.get(name) ?? 0)) / WATCH_S
    const pss = overFamily(pid, pssMegabytes)
    cores += share
    memory += pss
    console.log(
      `${name.padEnd(14)} ${(share * 100).toFixed(1).padStart(6)} % of a core ${pss.toFixed(0).padStart(6)} MB PSS`,
    )
  }
  console.log(
    `${'all'.padEnd(14)} ${(cores * 100).toFixed(1).padStart(6)} % of a core ${memory.toFixed(0).padStart(6)} MB PSS`,
  )
} finally {
  await shop.close()
}
