import type { TestProcess } from '#pipelines/testing/process.ts'
import type { Verdict } from '../traffic/verdict.ts'

/** The verdict that `eshop traffic --json` printed; its live lines came before. */
export function verdictIn(traffic: TestProcess): Verdict {
  return jsonIn<Verdict>(traffic)
}

/** The JSON at the end of a command's output. */
export function jsonIn<T>({ output }: TestProcess): T {
  const text = output()
  return JSON.parse(text.slice(text.search(/^\{$/m))) as T
}
