import { UsageError } from '#pipelines/kernel/errors.ts'

const SECONDS = { s: 1, m: 60, h: 3600 } as const

/** Seconds of `90s`, `30m` or `12h`. @throws UsageError `TTL_INVALID` */
export function secondsOf(text: string): number {
  const match = /^(\d{1,6})([smh])$/.exec(text)
  if (!match) throw new UsageError('TTL_INVALID', `--ttl ${text}: write a number and s, m or h, as in 30m`)
  return Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS]
}
