import { accepts, answersOk } from '../process/probes.ts'
import type { LocalSettings } from '../settings.ts'
import { shopPlan } from '../shop-plan.ts'
import type { PartPlan } from '../supervisor/plan.ts'
import { type RecordedPart, type RunState, readRun } from '../supervisor/run-file.ts'

export interface PartHealth {
  readonly name: string
  /** Whether it serves right now. */
  readonly ready: boolean
  readonly pid: number | undefined
  readonly restarts: number | undefined
  /** When its process was started, ISO 8601. */
  readonly since: string | undefined
  readonly address: string
}

export interface StackHealth {
  /** `orphaned`: parts run, but their supervisor was killed. */
  readonly state: RunState['state'] | 'stopped' | 'orphaned'
  readonly parts: readonly PartHealth[]
}

/** Asks every part of the stack, by what is recorded of the last start. */
export async function stackHealth(settings: LocalSettings): Promise<StackHealth> {
  const run = readRun(settings.folders.home)
  if (!run) return { state: 'stopped', parts: [] }
  const planned = shopPlan(settings).filter((entry): entry is PartPlan => entry.kind === 'part')
  const parts = planned.map(async ({ name }) => {
    const part = run.parts.find((one) => one.name === name)
    return {
      name,
      ready: part !== undefined && (await serves(part)),
      pid: part?.pid,
      restarts: part?.restarts,
      since: part?.since,
      address: withoutPassword(part?.address ?? ''),
    }
  })
  return { state: run.supervised ? run.state : 'orphaned', parts: await Promise.all(parts) }
}

async function serves({ name, address }: RecordedPart): Promise<boolean> {
  if (address === '') return true // it serves nothing; that it lives is all there is to know
  if (name === 'clickhouse') return await answersOk(`${address}/ping`)
  if (name === 'registry') return await answersOk(`${address}/subjects`)
  if (address.startsWith('http')) return await answersOk(`${address}/health/ready`)
  return await accepts(Number(/:(\d+)(\/|$)/.exec(address)?.[1]))
}

function withoutPassword(address: string): string {
  return address.replace(/(:\/\/[^:/]+):[^@]+@/, '$1@')
}
