import { describe, expect, it } from 'vitest'
import { type Measured, measuredOf, worseThan } from './baseline.ts'
import type { SideName, SideResult } from './run-side.ts'

const before: Measured = { records: 1000, rounds: 5, ratio: 6, peakMegabytes: 700, storedShare: 0.5 }
const result = (side: SideName, cpu: number, wrong: readonly string[] = []): SideResult => ({
  side,
  records: 1000,
  wrong,
  seconds: 1,
  ingestCpu: cpu / 2,
  clickhouseCpu: cpu / 2,
  cpuWhenStored: cpu,
  peakMegabytes: 700,
  ingestMegabytes: 200,
  bytesPerEvent: 100,
  storedShare: 0.5,
  kills: 0,
})

describe('a run held to a baseline', () => {
  it('passes within the tolerance', () => {
    expect(worseThan(before, { ...before, ratio: 4.3, peakMegabytes: 900, storedShare: 0.6 }, 0.3)).toEqual([])
  })

  it('fails on a ratio that fell, on more memory, on more bytes', () => {
    const now = { ...before, ratio: 4, peakMegabytes: 1000, storedShare: 0.7 }
    expect(worseThan(before, now, 0.3)).toHaveLength(3)
  })

  it('fails when there is no ratio any more', () => {
    const { ratio: _, ...without } = before
    expect(worseThan(before, without, 0.3)).toEqual(['no ratio: a side has no figure'])
  })
})

describe('what was measured', () => {
  it('is the median against the better peer', () => {
    const results = [1, 2, 3].map((cpu) => result('ours', cpu))
    expect(measuredOf([...results, result('peer', 20), result('peer2', 16)])?.ratio).toBeCloseTo(8)
  })

  it('has no ratio when a peer was wrong, and nothing at all when we were', () => {
    expect(measuredOf([result('ours', 1), result('peer', 9, ['wrong'])])?.ratio).toBeUndefined()
    expect(measuredOf([result('ours', 1, ['wrong']), result('peer', 9)])).toBeUndefined()
  })
})
