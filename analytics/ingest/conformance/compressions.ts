import { loadRdkafka } from '../rdkafka/package.ts'
import type { SourceName } from '../sources.ts'

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

/** What this client can read here: librdkafka reads zstd only where its headers were there when it was compiled. */
export function compressionsOf(name: SourceName): readonly Compression[] {
  if (name !== 'rdkafka' || loadRdkafka().features.includes('zstd')) return COMPRESSIONS
  return COMPRESSIONS.filter((one) => one !== 'zstd')
}
