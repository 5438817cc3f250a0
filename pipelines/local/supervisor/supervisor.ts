import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { identityOf } from '../process/pid.ts'
import type { PartPlan, Plan, StepPlan } from './plan.ts'
import { openRunFile, type RecordedPart, type RunState } from './run-file.ts'
import { type SupervisedPart, supervise } from './supervised-part.ts'

/** What happens while the stack starts and runs, for whoever shows it. */
export interface Reporter {
  ready(name: string, tookMs: number, address: string): void
  done(step: string, tookMs: number, result: string | undefined): void
  died(name: string, why: string, restartInMs: number): void
  recovered(name: string): void
}

export interface Supervisor extends Closable {
  /**
   * Starts everything of the plan as soon as what it needs is ready. If something cannot be started, everything is stopped again.
   * @throws CodedError of the first part or step that failed
   */
  start(): Promise<void>
}

/** Starts and stops the parts of a plan in the order of their needs, restarts what dies, and records the processes in `run.json`. */
export function createSupervisor(plan: Plan, home: string, reporter: Reporter): Supervisor {
  const aborter = new AbortController()
  const runFile = openRunFile(home)
  const running = new Map<string, SupervisedPart>()
  const started = new Map<string, Promise<void>>()
  let state: RunState['state'] = 'starting'
  let closing: Promise<void> | undefined

  const record = () => runFile.write({ state, parts: plan.flatMap((entry) => recordOf(entry, running, plan)) })

  async function startPart(entry: PartPlan) {
    const begun = performance.now()
    const part = await supervise(
      entry,
      {
        ...reporter,
        spawned(spawned) {
          running.set(entry.name, spawned)
          record()
        },
      },
      aborter.signal,
    )
    reporter.ready(entry.name, performance.now() - begun, part.running.address)
  }

  async function runStep(entry: StepPlan) {
    const begun = performance.now()
    const result = await entry.run(aborter.signal)
    reporter.done(entry.name, performance.now() - begun, result)
  }

  function start(entry: PartPlan | StepPlan): Promise<void> {
    const needs = entry.needs.map((name) => started.get(name) ?? start(find(plan, name)))
    const starting = Promise.all(needs).then(() => {
      if (aborter.signal.aborted) throw new CodedError('STOPPED', 'the stack was stopped while it started')
      return entry.kind === 'part' ? startPart(entry) : runStep(entry)
    })
    started.set(entry.name, starting)
    starting.catch(() => aborter.abort()) // what waits for this one need not start
    return starting
  }

  /** Stops each part after those that need it, directly or through steps. */
  async function stopAll() {
    aborter.abort()
    state = 'stopping'
    record()
    const stops = new Map<string, Promise<void>>()
    const stop = (entry: PartPlan | StepPlan): Promise<void> => {
      const stopping =
        stops.get(entry.name) ??
        Promise.all(plan.filter((other) => other.needs.includes(entry.name)).map(stop)).then(() =>
          running.get(entry.name)?.close(),
        )
      stops.set(entry.name, stopping)
      return stopping
    }
    await Promise.all(plan.map(stop))
    await Promise.allSettled(started.values())
    runFile.remove()
  }
  const close = () => (closing ??= stopAll())

  return {
    close,
    async start() {
      record()
      try {
        await Promise.all(plan.map((entry) => started.get(entry.name) ?? start(entry)))
      } catch (error) {
        await close()
        throw error
      }
      state = 'ready'
      record()
    },
  }
}

function find(plan: Plan, name: string): PartPlan | StepPlan {
  const entry = plan.find((one) => one.name === name)
  if (!entry) throw new CodedError('PLAN_INVALID', `nothing in the plan is called ${name}`)
  return entry
}

function recordOf(
  entry: PartPlan | StepPlan,
  running: ReadonlyMap<string, SupervisedPart>,
  plan: Plan,
): RecordedPart[] {
  const part = running.get(entry.name)
  const identity = part && identityOf(part.running.pid)
  if (!part || !identity) return []
  const { restarts, since, running: process } = part
  const needs = partsBelow(entry, plan)
  return [{ ...identity, name: entry.name, needs, address: process.address, restarts, since: since.toISOString() }]
}

/** Every part that an entry needs, also by way of steps and of other parts. */
function partsBelow(entry: PartPlan | StepPlan, plan: Plan): string[] {
  const below = entry.needs.map((name) => find(plan, name))
  const names = below.flatMap((one) => [...(one.kind === 'part' ? [one.name] : []), ...partsBelow(one, plan)])
  return [...new Set(names)]
}
